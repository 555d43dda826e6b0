//! A worker: a real process of the real program, which is killed, frozen and started again.

use crate::house::House;
use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Ends all workers of a storm when the test ends, whichever way: they are in its process group.
pub struct Warden {
    shell: Child,
}

impl Warden {
    /// Starts it.
    pub fn new() -> Self {
        let script = "cat >/dev/null; kill -s KILL -- -$$";
        let shell = Command::new("sh").args(["-c", script]).stdin(Stdio::piped()).process_group(0).spawn();
        Self { shell: shell.expect("a shell") }
    }

    fn group(&self) -> i32 {
        i32::try_from(self.shell.id()).expect("a process id")
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// One of the storm's workers.
pub struct Worker {
    /// Its settings' name.
    pub name: String,
    /// Its log, of all its lives.
    pub log: PathBuf,
    child: Option<Child>,
    /// How much of the log is of earlier lives.
    begun_at: u64,
    /// Set to stop by itself at a point.
    pub is_steered: bool,
    /// Frozen by us.
    pub is_frozen: bool,
    /// When it is to go on, if it sleeps long.
    pub thaws_at: Option<Instant>,
}

impl Worker {
    /// One that does not run yet.
    pub fn new(house: &House, number: usize) -> Self {
        let name = format!("worker{number}");
        let log = house.path(&format!("{name}.log"));
        Self { name, log, child: None, begun_at: 0, is_steered: false, is_frozen: false, thaws_at: None }
    }

    /// Starts it, with more in its environment.
    pub fn start(&mut self, house: &House, warden: &Warden, environment: &[(&str, String)]) {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        self.begun_at = log.metadata().map_or(0, |data| data.len());
        let mut command = house.command(&self.name, &["run"]);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::null()).stderr(log).process_group(warden.group());
        self.child = Some(command.spawn().expect("started"));
        self.is_steered = environment.iter().any(|(name, _)| name.ends_with("_AT"));
        self.is_frozen = false;
        self.thaws_at = None;
    }

    /// Waits until it says that it is at work, or has ended, or this long; gives whether it is.
    pub fn wait_until_at_work(&mut self, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            if self.log_of_this_life().contains("is at work") {
                return true;
            }
            if self.has_ended() || Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// What it logged in this life.
    pub fn log_of_this_life(&self) -> String {
        let all = std::fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.begun_at).unwrap_or(usize::MAX);
        String::from_utf8_lossy(all.get(from..).unwrap_or_default()).into_owned()
    }

    /// Whether it ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| child.try_wait().expect("its state").is_some())
    }

    /// Whether it ended by itself with this code.
    pub fn has_ended_with(&mut self, code: i32) -> bool {
        let ended = self.child.as_mut().and_then(|child| child.try_wait().expect("its state"));
        ended.is_some_and(|status| status.code() == Some(code))
    }

    /// Whether it stands still, by our doing or its own.
    pub fn stands_still(&self) -> bool {
        let Some(child) = &self.child else { return false };
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
    }

    /// Ends it as `kill -9` does; how it ended.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        let _ = child.kill(); // it may have ended by itself
        Some(child.wait().expect("its end"))
    }

    /// Stops it where it is (SIGSTOP).
    pub fn freeze(&mut self) {
        self.signal("STOP");
        self.is_frozen = true;
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&mut self) {
        self.signal("CONT");
        self.is_frozen = false;
        self.thaws_at = None;
    }

    /// Asks it to stop, as an init system does; `None`: it did not in this time. One that froze at a point by itself,
    /// before or in its last step, goes on first.
    pub fn terminate(&mut self, within: Duration) -> Option<ExitStatus> {
        self.signal("TERM");
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.child.as_mut()?.try_wait().expect("its state") {
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            if self.stands_still() {
                self.thaw();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let id = child.id().to_string();
            let _ = Command::new("kill").args(["-s", name, &id]).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a process was killed, or stopped by itself at a point.
pub fn was_stopped(status: ExitStatus) -> bool {
    matches!(status.signal(), Some(6 | 9))
}

/// A log's text.
pub fn read_log(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
