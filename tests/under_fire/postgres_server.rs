//! A PostgreSQL server of a storm's own, which can be stopped in the middle of its work and started again.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const USER: &str = "mailclerk";

/// A cluster. What it has acknowledged survives its sudden end: commits are written before they are answered. (They are
/// not forced to the disk, because only processes die here, not the machine.)
pub struct PostgresServer {
    folder: TempDir,
    /// Where it listens on this machine.
    pub port: u16,
    server: Child,
    watcher: Child,
}

impl PostgresServer {
    /// Makes a cluster and starts it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("fire-pg").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).expect("permissions");
        if let Some((user, group)) = owner() {
            chown(folder.path(), Some(user), Some(group)).expect("given to the server's user");
        }
        let made = command("initdb")
            .arg("-D")
            .arg(folder.path().join("data"))
            .args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = crate::free_port();
        let (server, watcher) = run(folder.path(), port);
        let started = Self { folder, port, server, watcher };
        started.wait_until_ready();
        started
    }

    /// How to reach its database by this port.
    pub fn url(port: u16) -> String {
        format!("postgres://{USER}@127.0.0.1:{port}/postgres")
    }

    /// Stops it, at once and in the middle of everything or in order, and starts it again.
    pub fn restart(&mut self, is_immediate: bool) {
        signal(self.server.id(), if is_immediate { "QUIT" } else { "INT" });
        let _ = self.server.wait();
        end(&mut self.watcher);
        (self.server, self.watcher) = run(self.folder.path(), self.port);
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        let is_ready = || {
            let asked = command("pg_isready").args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]).status();
            asked.is_ok_and(|status| status.success())
        };
        while !is_ready() {
            assert!(Instant::now() < until, "PostgreSQL did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        signal(self.server.id(), "QUIT");
        let _ = self.server.wait();
        end(&mut self.watcher);
    }
}

fn end(watcher: &mut Child) {
    drop(watcher.stdin.take());
    let _ = watcher.wait();
}

fn run(folder: &Path, port: u16) -> (Child, Child) {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).expect("a log");
    let server = command("postgres")
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-c", "listen_addresses=127.0.0.1", "-c", &format!("port={port}"), "-c", "fsync=off"])
        .args(["-c", "max_connections=200", "-c", "log_min_messages=error"])
        .stderr(log)
        .process_group(0)
        .spawn()
        .expect("postgres runs");
    // When the test is killed, its end of the pipe closes.
    let script = format!("cat >/dev/null; kill -s QUIT {} 2>/dev/null", server.id());
    let watcher = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).process_group(0).spawn();
    (server, watcher.expect("a shell"))
}

fn signal(process: u32, name: &str) {
    let _ = Command::new("kill").args(["-s", name, &process.to_string()]).stderr(Stdio::null()).status();
}

/// PostgreSQL does not run as root: then as its own user of the machine.
fn owner() -> Option<(u32, u32)> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if !is_root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("a user named postgres");
    let mut numbers = line.split(':').skip(2).map(|number| number.parse().expect("a number"));
    Some((numbers.next().expect("its id"), numbers.next().expect("its group")))
}

fn command(name: &str) -> Command {
    let mut command = Command::new(binary(name));
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

/// A binary of the newest PostgreSQL here.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin").join(name)))
        })
        .filter(|(_, path)| path.exists())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path).expect("PostgreSQL in /usr/lib/postgresql")
}
