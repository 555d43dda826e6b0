//! Asking for a passphrase, unseen and twice, and a picture for an authenticator app.

use crate::cli::Failure;
use anyhow::{Context, anyhow};
use console::Term;
use qrcodegen::{QrCode, QrCodeEcc};
use std::io::{IsTerminal, Read};
use std::path::Path;

/// More than this is no passphrase.
const MOST_BYTES: u64 = 64 * 1024;

/// The first line of a file, or of standard input.
pub(super) fn from_file(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.with_context(|| format!("failed to read the passphrase from {}", file.display()))?;
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    if lines.any(|line| !line.trim().is_empty()) {
        let error = anyhow!("{} has more than one line: write the passphrase alone into it", file.display());
        return Err(Failure::usage(error));
    }
    Ok(first)
}

/// Asks on the terminal, unseen, twice.
pub(super) fn on_terminal(prompt: &str) -> Result<String, Failure> {
    let terminal = Term::stderr();
    if !std::io::stdin().is_terminal() || !terminal.is_term() {
        let error = anyhow!("there is no terminal to ask for a passphrase; name a file with --passphrase-file, or `-`");
        return Err(Failure::usage(error));
    }
    let ask = |words: &str| -> Result<String, Failure> {
        terminal.write_str(words).context("failed to ask on the terminal")?;
        Ok(terminal.read_secure_line().context("failed to read from the terminal")?)
    };
    let first = ask(&format!("{prompt} (not shown; at least 12 characters): "))?;
    if first != ask("once more: ")? {
        return Err(Failure::usage(anyhow!("the passphrase was not written the same way twice; nothing was changed")));
    }
    Ok(first)
}

/// The text as a QR code, two rows of it a line, light on dark as terminals mostly are, with its quiet margin.
pub(super) fn picture(text: &str) -> Option<String> {
    const MARGIN: i32 = 2;
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let places = -MARGIN..code.size() + MARGIN;
    let mut lines = Vec::new();
    for y in places.clone().step_by(2) {
        let line = places.clone().map(|x| match (code.get_module(x, y), code.get_module(x, y + 1)) {
            (false, false) => '█',
            (false, true) => '▀',
            (true, false) => '▄',
            (true, true) => ' ',
        });
        lines.push(line.collect::<String>());
    }
    Some(lines.join("\n"))
}
