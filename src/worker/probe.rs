//! A suspect message is tried in a process of its own before it is held.
//!
//! Three attempts that ended with the worker's death may be the message's fault, or only a machine that was switched
//! off thrice. A process that judges the message and nothing else tells them apart: an innocent message goes its usual
//! way, and one that breaks that process as well is held, without breaking the worker again.

use crate::desk::Desk;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a trial may take; a message takes milliseconds.
const LONGEST: Duration = Duration::from_secs(60);
/// How often its end is looked for.
const LOOK: Duration = Duration::from_millis(10);

/// How to start a trial.
#[derive(Clone, Debug)]
pub struct Probe {
    /// This program.
    pub program: PathBuf,
    /// Its settings file.
    pub config: PathBuf,
}

impl Probe {
    /// Whether a process of its own judges the message and ends well. The message goes by standard input: arguments
    /// hold no member data. A trial that cannot be started is not passed.
    pub async fn passes(&self, desk: &Desk, raw: &[u8]) -> bool {
        let (probe, desk, raw) = (self.clone(), desk.id.clone(), raw.to_vec());
        let tried = tokio::task::spawn_blocking(move || probe.run(&desk, &raw)).await;
        match tried {
            Ok(Ok(passed)) => passed,
            Ok(Err(error)) => {
                tracing::warn!(%error, "failed to try a message in a process of its own");
                false
            }
            Err(_) => false,
        }
    }

    fn run(&self, desk: &str, raw: &[u8]) -> std::io::Result<bool> {
        let mut child = Command::new(&self.program)
            .arg("--config")
            .arg(&self.config)
            .args(["explain", "-", "--json", "--desk", desk])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // It reads all before it judges. One that dies while it reads has not passed: its end says so.
            let _ = input.write_all(raw);
        }
        let until = Instant::now() + LONGEST;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() >= until {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            std::thread::sleep(LOOK);
        }
    }
}
