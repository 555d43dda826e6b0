//! A real PostgreSQL of the test process's own: one cluster on a socket in a folder of its own, one database a test. A
//! watcher ends it and removes the folder when the process ends, however that happens.

use mailclerk::settings::DatabaseUrl;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The cluster's only user.
const USER: &str = "mailclerk";

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Cluster {
    folder: PathBuf,
    /// Ends with our end of its input.
    _watcher: Child,
}

/// A new, empty database.
pub fn new_database() -> DatabaseUrl {
    DatabaseUrl::parse(&new_database_url(), Path::new("/")).expect("a url of PostgreSQL")
}

/// The url of a new, empty database, as the settings have it.
pub fn new_database_url() -> String {
    let name = format!("test{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let folder = &CLUSTER.folder;
    let made = Command::new(binary("createdb")).args(["-h"]).arg(folder).args(["-U", USER, &name]).output();
    let made = made.expect("createdb runs");
    assert!(made.status.success(), "createdb: {}", String::from_utf8_lossy(&made.stderr));
    format!("postgres://{USER}@localhost/{name}?host={}", folder.display())
}

/// A cluster that listens on this machine's loopback, under TLS with a certificate of the test's.
pub struct OverTcp {
    /// Where it listens.
    pub port: u16,
    _cluster: Cluster,
}

/// Starts one; it ends when it is dropped. Its database is `postgres`.
pub fn over_tcp(certificate: &Path, key: &Path) -> OverTcp {
    let port = super::free_port();
    let cluster = Cluster::start_with(|folder, owner| {
        let mut options = vec!["listen_addresses=127.0.0.1".to_owned(), format!("port={port}"), "ssl=on".to_owned()];
        for (file, setting) in [(certificate, "ssl_cert_file"), (key, "ssl_key_file")] {
            let copy = folder.join(setting);
            std::fs::copy(file, &copy).expect("copied");
            std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o600)).expect("permissions");
            if let Some((user, group)) = owner {
                chown(&copy, Some(user), Some(group)).expect("given to the server's user");
            }
            options.push(format!("{setting}={}", copy.display()));
        }
        options
    });
    OverTcp { port, _cluster: cluster }
}

impl Cluster {
    fn start() -> Self {
        Self::start_with(|_, _| vec!["listen_addresses=".to_owned()])
    }

    /// With the settings that `options` gives for a folder and the server's user.
    fn start_with(options: impl FnOnce(&Path, Option<(u32, u32)>) -> Vec<String>) -> Self {
        let folder = tempfile::Builder::new().prefix("mailclerk-pg-").tempdir().expect("a folder").keep();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).expect("permissions");
        let owner = server_owner();
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).expect("the folder given to the server's user");
        }
        let data = folder.join("data");
        let made = command("initdb", owner)
            .arg("-D")
            .arg(&data)
            .args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        #[expect(clippy::zombie_processes, reason = "the watcher ends it when this process ends, whichever way")]
        let mut server = command("postgres", owner)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(options(&folder, owner).iter().flat_map(|option| ["-c", option]))
            .args(["-c", "fsync=off", "-c", "full_page_writes=off"])
            .args(["-c", "synchronous_commit=off", "-c", "max_connections=300", "-c", "log_statement=none"])
            // Hundreds of databases are made here: their log takes no gigabyte of the disk beside them.
            .args(["-c", "wal_level=minimal", "-c", "max_wal_senders=0"])
            .args(["-c", "min_wal_size=32MB", "-c", "max_wal_size=128MB"])
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("postgres runs");
        let watcher = watch(server.id(), &folder);
        let mut log = BufReader::new(server.stderr.take().expect("its log"));
        let mut told = String::new();
        while !told.contains("ready to accept connections") {
            assert!(log.read_line(&mut told).expect("its log") > 0, "postgres did not start:\n{told}");
        }
        // Read on, or the server would wait for us one day.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        if owner.is_some() {
            std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).expect("permissions");
        }
        Self { folder, _watcher: watcher }
    }
}

/// Ends the server at once when our end of the watcher's input is closed, and removes its folder.
fn watch(server: u32, folder: &Path) -> Child {
    let script = r#"cat >/dev/null; kill -QUIT "$1" 2>/dev/null; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
                    rm -rf -- "$2""#;
    Command::new("sh")
        .args(["-c", script, "sh", &server.to_string()])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell")
}

/// PostgreSQL does not run as root: then as its own user of the machine.
fn server_owner() -> Option<(u32, u32)> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    if !is_root {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("a user named postgres");
    let mut numbers = line.split(':').skip(2).map(|number| number.parse().expect("a number"));
    Some((numbers.next().expect("its id"), numbers.next().expect("its group")))
}

fn command(name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(binary(name));
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    if let Some((user, group)) = owner {
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
    let newest = found.pop().map(|(_, path)| path);
    newest.expect("PostgreSQL in /usr/lib/postgresql: `bash tests/run` installs what the tests need")
}
