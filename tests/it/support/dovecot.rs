//! A real Dovecot (2.3) of a test's own: started by the test on free ports of this machine, in a folder of its own, and
//! ended with it. It keeps any user, all with one password.

use super::certificates::certificates;
use super::free_port;
use super::raw_imap::RawImap;
use mailclerk::mailbox::{Credentials, ImapSettings};
use mailclerk::settings::Security;
use secrecy::SecretString;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// Every user's password.
pub const PASSWORD: &str = "open-sesame";

/// The user that tests use.
pub const USER: &str = "clerk";

/// A running server.
pub struct Dovecot {
    child: Child,
    watcher: Child,
    folder: TempDir,
    /// In clear, and with STARTTLS.
    pub imap: u16,
    /// In TLS.
    pub imaps: u16,
    /// For delivery.
    pub lmtp: u16,
}

impl Dovecot {
    /// Starts a server as Debian ships it.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a server with more lines in its configuration.
    pub fn start_with(more: &str) -> Self {
        for _ in 0..5 {
            // Another test may take a port between our look and the server's start.
            if let Some(server) = Self::try_start(more) {
                return server;
            }
        }
        panic!("Dovecot did not start; its log is above");
    }

    /// How to reach the user's INBOX.
    pub fn settings(&self, security: Security) -> ImapSettings {
        ImapSettings {
            host: "localhost".to_owned(),
            port: if security == Security::Tls { self.imaps } else { self.imap },
            security,
            user: USER.to_owned(),
            credentials: Credentials::Password(SecretString::from(PASSWORD)),
            folder: "INBOX".to_owned(),
            ca_file: Some(certificates().ca.clone()),
            deadline: Duration::from_secs(20),
            poll: Duration::from_secs(60),
        }
    }

    /// Another session of the same user.
    pub fn client(&self) -> RawImap {
        RawImap::log_in(self.imap, USER, &format!("\"{PASSWORD}\""))
    }

    /// Delivers a mail to the user by LMTP, as the organisation's mail server does.
    pub fn deliver(&self, raw: &[u8]) {
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", self.lmtp)).expect("connected"));
        let mut expect = |send: &[u8], code: &str| {
            stream.get_mut().write_all(send).expect("sent");
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).expect("a line");
                assert!(line.starts_with(code), "{line}");
                if line.as_bytes().get(3) == Some(&b' ') {
                    return;
                }
            }
        };
        expect(b"", "220");
        expect(b"LHLO test.example.org\r\n", "250");
        expect(b"MAIL FROM:<sender@example.org>\r\n", "250");
        expect(format!("RCPT TO:<{USER}>\r\n").as_bytes(), "250");
        expect(b"DATA\r\n", "354");
        let mut body = raw.to_vec();
        body.extend_from_slice(b"\r\n.\r\n");
        expect(&body, "250");
        expect(b"QUIT\r\n", "221");
    }

    /// Puts mails into the user's INBOX as files, as a backlog that came while nothing read it. Their instants are a
    /// second apart and end now.
    #[allow(dead_code, reason = "only benchmarks have backlogs")]
    #[allow(clippy::disallowed_methods, reason = "files are dated by the machine's clock")]
    pub fn fill(&self, mails: impl ExactSizeIterator<Item = Vec<u8>>) {
        let (owner, inbox) = (Owner::of_mail(self.folder.path()), self.folder.path().join("mail").join(USER));
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir_all(inbox.join(part)).expect("made");
            owner.give(&inbox.join(part));
        }
        owner.give(&inbox);
        let first = SystemTime::now() - Duration::from_secs(mails.len() as u64);
        for (number, mail) in (0_u64..).zip(mails) {
            let path = inbox.join("new").join(format!("{number:09}.backlog"));
            std::fs::write(&path, mail).expect("written");
            let file = std::fs::File::options().append(true).open(&path).expect("opened");
            file.set_modified(first + Duration::from_secs(number)).expect("dated");
            owner.give(&path);
        }
    }

    /// Ends the server in the middle of its work and starts it again, in the same folder and on the same ports.
    #[allow(dead_code, reason = "only storms restart a server")]
    pub fn restart(&mut self) {
        end(&mut self.watcher, &mut self.child);
        let configuration = self.folder.path().join("dovecot.conf");
        for _ in 0..5 {
            (self.child, self.watcher) = spawn(&configuration);
            if self.is_up() {
                return;
            }
            end(&mut self.watcher, &mut self.child);
        }
        panic!("Dovecot did not start again: {}", self.log());
    }

    fn is_up(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until && self.child.try_wait().expect("its state").is_none() {
            if are_up([self.imap, self.imaps, self.lmtp]) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn try_start(more: &str) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("dovecot").tempdir().expect("a temporary folder");
        let (imap, imaps, lmtp) = (free_port(), free_port(), free_port());
        let configuration = folder.path().join("dovecot.conf");
        let owner = Owner::of_mail(folder.path());
        std::fs::create_dir(folder.path().join("mail")).expect("made");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("opened");
        owner.give(&folder.path().join("mail"));
        let text = configuration_text(folder.path(), &owner, [imap, imaps, lmtp], more);
        std::fs::write(&configuration, text).expect("written");
        let (child, watcher) = spawn(&configuration);
        let mut server = Self { child, watcher, folder, imap, imaps, lmtp };
        if server.is_up() {
            return Some(server);
        }
        eprintln!("{}", server.log());
        None
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- Dovecot's log\n{}---", self.log());
        }
        end(&mut self.watcher, &mut self.child);
    }
}

fn spawn(configuration: &Path) -> (Child, Child) {
    let child = Command::new(program())
        .arg("-F")
        .arg("-c")
        .arg(configuration)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("failed to start dovecot");
    let watcher = watch_over(&child);
    (child, watcher)
}

fn are_up(ports: [u16; 3]) -> bool {
    ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
}

/// Ends a server's process group as soon as its standard input closes: when we close it, and also when the test
/// process is killed. Asked kindly, Dovecot's children take seconds to end.
fn watch_over(server: &Child) -> Child {
    let script = format!("cat >/dev/null; kill -s KILL -- -{}", server.id());
    let command = ["-c", script.as_str()];
    Command::new("sh").args(command).stdin(Stdio::piped()).process_group(0).spawn().expect("failed to start sh")
}

fn end(watcher: &mut Child, server: &mut Child) {
    drop(watcher.stdin.take());
    let _ = watcher.wait();
    let _ = server.kill(); // in case the watcher could not
    let _ = server.wait();
}

fn program() -> PathBuf {
    let places = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/usr/bin/dovecot"];
    places
        .iter()
        .map(PathBuf::from)
        .find(|place| place.exists())
        .expect("Dovecot is not installed: `bash tests/run` does it (dovecot-imapd and dovecot-lmtpd)")
}

/// Whose files the mail is. Dovecot never reads mail as root, so a test that runs as root uses `nobody`.
struct Owner {
    user: String,
    group: String,
    uid: u32,
    gid: u32,
    as_root: bool,
}

impl Owner {
    fn of_mail(ours: &Path) -> Self {
        let metadata = std::fs::metadata(ours).expect("its owner");
        let as_root = metadata.uid() == 0;
        let (uid, gid) = if as_root { account("/etc/passwd", "nobody") } else { (metadata.uid(), metadata.gid()) };
        Self { user: name_of("/etc/passwd", uid), group: name_of("/etc/group", gid), uid, gid, as_root }
    }

    fn give(&self, path: &Path) {
        if self.as_root {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)).expect("given away");
        }
    }
}

fn account(file: &str, name: &str) -> (u32, u32) {
    let text = std::fs::read_to_string(file).expect("the accounts");
    let line = text.lines().find(|line| line.split(':').next() == Some(name)).expect("an account to keep mail");
    let mut numbers = line.split(':').skip(2).map(|field| field.parse().expect("a number"));
    (numbers.next().expect("a uid"), numbers.next().expect("a gid"))
}

fn name_of(file: &str, id: u32) -> String {
    let text = std::fs::read_to_string(file).expect("the accounts");
    let id = id.to_string();
    let line = text.lines().find(|line| line.split(':').nth(2) == Some(&id)).expect("our own account");
    line.split(':').next().unwrap_or_default().to_owned()
}

fn configuration_text(folder: &Path, owner: &Owner, ports: [u16; 3], more: &str) -> String {
    let at = |name: &str| folder.join(name).display().to_string();
    let (run, log, mail) = (at("run"), at("log"), at("mail"));
    let Owner { user, group, uid, gid, .. } = owner;
    let [imap, imaps, lmtp] = ports;
    let (certificate, key) = (certificates().server.display(), certificates().server_key.display());
    format!(
        "base_dir = {run}\nstate_dir = {run}\nlog_path = {log}\nprotocols = imap lmtp\nlisten = 127.0.0.1\n\
         ssl = yes\nssl_cert = <{certificate}\nssl_key = <{key}\nssl_min_protocol = TLSv1.2\n\
         disable_plaintext_auth = no\nmail_location = maildir:{mail}/%u\nmail_fsync = never\n\
         default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
         first_valid_uid = 1\nfirst_valid_gid = 1\npostmaster_address = postmaster@example.com\n\
         hostname = localhost\n\
         passdb {{\n driver = static\n args = password={PASSWORD}\n}}\n\
         userdb {{\n driver = static\n args = uid={uid} gid={gid} home={mail}/%u allow_all_users=yes\n}}\n\
         service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n\
         service imap-login {{\n chroot =\n\
           inet_listener imap {{\n port = {imap}\n }}\n inet_listener imaps {{\n port = {imaps}\n ssl = yes\n }}\n}}\n\
         service lmtp {{\n user = {user}\n inet_listener lmtp {{\n port = {lmtp}\n }}\n}}\n\
         {more}\n"
    )
}
