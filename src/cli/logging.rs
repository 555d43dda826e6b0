//! Where the log goes: text or JSON lines on standard error. Ids only, never member data.

use crate::settings::{Log, LogFormat, LogLevel};
use std::io::IsTerminal;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt;

/// Starts a log of warnings and errors only, as text.
pub(super) fn start_quiet() {
    start(Some(&Log { format: LogFormat::Text, level: LogLevel::Warn }));
}

/// Starts the log. Libraries that print what they send or fetch are capped, whatever the level.
pub(super) fn start(log: Option<&Log>) {
    let level = log.map_or(LogLevel::Info, |log| log.level);
    let level = format!("{level:?}").to_lowercase();
    let caps = ["async_imap", "imap_proto", "lettre", "sqlx", "html5ever", "hyper", "rustls"];
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let directives = caps.iter().map(|library| format!("{library}=warn")).chain([format!("mailclerk={level}")]);
    let filter = filter.parse_lossy(directives.collect::<Vec<_>>().join(","));
    let lines = fmt::Subscriber::builder().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that was started before (by a test in the same process) stays.
    let started = match log.map_or(LogFormat::Text, |log| log.format) {
        LogFormat::Text => lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    drop(started);
    std::panic::set_hook(Box::new(tell_where));
}

/// Says where the program has a defect. What a panic itself says may quote what was worked on.
fn tell_where(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "the program panicked: please report this place as a defect");
}
