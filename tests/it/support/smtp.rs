//! A scripted SMTP server that misbehaves where a test says so. It records all that it took and all that it heard in
//! clear, may be used from several threads, and ends with the test process.

use super::certificates::certificates;
use mailclerk::settings::Security;
use mailclerk::transport::{Credentials, Deadlines, SmtpSettings};
use secrecy::SecretString;
use std::io::{ErrorKind, Read, Result as IoResult, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};

/// The account that the server knows.
pub const USER: &str = "clerk";
/// Its password.
pub const PASSWORD: &str = "open-sesame";
/// How long [`FakeSmtp::wait_for`] waits before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server answers to. The script is asked before each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// A connection.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH and the lines that follow it.
    Auth,
    /// RSET.
    Reset,
    /// MAIL.
    Mail,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// The final dot: the whole mail was heard.
    Dot,
    /// QUIT.
    Quit,
}

/// What the server does.
#[derive(Clone, Debug)]
pub enum Act {
    /// As a server in order would.
    Usual,
    /// Answers this, CRLF included. A 2xx at the final dot takes the mail.
    Say(String),
    /// Answers this octet by octet, each in a packet of its own.
    SaySlowly(String),
    /// Says nothing more, and keeps the connection.
    Stall,
    /// Closes the connection without an answer.
    Cut,
    /// Sends the first octets of the usual answer, then closes.
    CutAfter(usize),
    /// At the final dot: takes the mail, then does this.
    TakeAnd(Box<Act>),
    /// Answers as usual and closes at once.
    UsualAndCut,
}

impl Act {
    /// Answers; the CRLF is added.
    pub fn say(text: &str) -> Self {
        Self::Say(format!("{text}\r\n"))
    }

    /// Takes the mail, then does this.
    pub fn take_and(act: Self) -> Self {
        Self::TakeAnd(Box::new(act))
    }
}

/// What the script is told.
#[derive(Clone, Debug)]
pub struct Step {
    /// The number of the connection, from 0.
    pub connection: usize,
    /// How many mails the server has taken so far, over all connections.
    pub taken: usize,
    /// What is answered.
    pub at: At,
    /// The client's line.
    pub line: String,
}

/// A mail that the server took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The number of the connection.
    pub connection: usize,
    /// What followed `MAIL FROM:`, parameters included.
    pub from: String,
    /// What followed `RCPT TO:`, in order.
    pub to: Vec<String>,
    /// The mail, without doubled dots.
    pub bytes: Vec<u8>,
}

impl Taken {
    /// The first header line of this name, unfolded, without the name.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let header = text.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let found =
            header.split("\r\n").find(|line| line.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name)));
        found.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    }
}

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// How it is reached. `StartTls` offers STARTTLS.
    pub security: Security,
    /// The certificate it shows (PEM); the key is the authority's server key.
    pub certificate: PathBuf,
    /// Whether it wants a login before MAIL.
    pub wants_login: bool,
    /// What EHLO offers besides STARTTLS and AUTH.
    pub offers: Vec<String>,
    /// The mechanisms that AUTH offers.
    pub mechanisms: String,
    /// Sent in one packet with the answer to STARTTLS, as an attacker on the line would.
    pub injected: String,
    /// The connection is closed when so many octets (in clear, or inside TLS) came in.
    pub cut_incoming: Option<usize>,
    /// The connection is closed when so many octets went out.
    pub cut_outgoing: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            security: Security::Plain,
            certificate: certificates().server.clone(),
            wants_login: false,
            offers: ["PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8", "DSN"].map(str::to_owned).to_vec(),
            mechanisms: "PLAIN LOGIN".to_owned(),
            injected: String::new(),
            cut_incoming: None,
            cut_outgoing: None,
        }
    }
}

/// A running server.
#[derive(Clone)]
pub struct FakeSmtp {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    options: Options,
    shared: Arc<Shared>,
}

type Script = dyn FnMut(&Step) -> Act + Send;

struct Shared {
    script: Mutex<Box<Script>>,
    heard: Mutex<Heard>,
    changed: Condvar,
}

#[derive(Default)]
struct Heard {
    taken: Vec<Taken>,
    lines: Vec<String>,
    clear: Vec<u8>,
    connections: usize,
}

impl FakeSmtp {
    /// A server in order, in clear, without login.
    pub fn start() -> Self {
        Self::with(Options::default(), |_| Act::Usual)
    }

    /// A server in clear with this script.
    pub fn scripted(script: impl FnMut(&Step) -> Act + Send + 'static) -> Self {
        Self::with(Options::default(), script)
    }

    /// A server with these options and this script.
    pub fn with(options: Options, script: impl FnMut(&Step) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let (script, heard) = (Mutex::new(Box::new(script) as Box<Script>), Mutex::default());
        let shared = Arc::new(Shared { script, heard, changed: Condvar::new() });
        let server = Self { port, options, shared };
        let serving = server.clone();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (options, shared) = (serving.options.clone(), Arc::clone(&serving.shared));
                shared.heard().connections += 1;
                // A client that goes away ends its thread; that is no failure of the test.
                std::thread::spawn(move || {
                    stream.and_then(|stream| {
                        let _ = Conversation::new(number, stream.try_clone()?, options, shared)?.run();
                        stream.shutdown(Shutdown::Both)
                    })
                });
            }
        });
        server
    }

    /// How to reach it, with deadlines for tests.
    pub fn settings(&self) -> SmtpSettings {
        let account = Credentials::Password { user: USER.to_owned(), password: SecretString::from(PASSWORD) };
        SmtpSettings {
            host: "localhost".to_owned(),
            port: self.port,
            security: self.options.security,
            credentials: if self.options.wants_login { account } else { Credentials::None },
            ca_file: Some(certificates().ca.clone()),
            deadlines: Deadlines::all(Duration::from_secs(20)),
        }
    }

    /// The url for `[outgoing]`, without an account.
    pub fn url(&self) -> String {
        match self.options.security {
            Security::Tls => format!("smtps://localhost:{}", self.port),
            Security::StartTls => format!("smtp+starttls://localhost:{}", self.port),
            Security::Plain => format!("smtp://127.0.0.1:{}", self.port),
        }
    }

    /// From now on this script counts.
    pub fn set_script(&self, script: impl FnMut(&Step) -> Act + Send + 'static) {
        *self.shared.script.lock().expect("the script") = Box::new(script);
    }

    /// The mails that it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.heard().taken.clone()
    }

    /// Waits until it has taken so many mails, and gives all.
    pub fn wait_for(&self, mails: usize) -> Vec<Taken> {
        let heard = self.shared.heard();
        let waited = self.shared.changed.wait_timeout_while(heard, PATIENCE, |heard| heard.taken.len() < mails);
        let (heard, _) = waited.expect("what was heard");
        assert!(heard.taken.len() >= mails, "{} of {mails} mails came; heard: {:#?}", heard.taken.len(), heard.lines);
        heard.taken.clone()
    }

    /// Waits until it has heard so many lines that begin so.
    pub fn wait_for_lines(&self, beginning: &str, count: usize) {
        let lacks = |heard: &mut Heard| heard.lines.iter().filter(|line| line.starts_with(beginning)).count() < count;
        let heard = self.shared.heard();
        let (heard, late) = self.shared.changed.wait_timeout_while(heard, PATIENCE, lacks).expect("what was heard");
        assert!(!late.timed_out(), "{beginning} did not come {count} times; heard: {:#?}", heard.lines);
    }

    /// The client's lines outside of mails, in order.
    pub fn lines(&self) -> Vec<String> {
        self.shared.heard().lines.clone()
    }

    /// All octets that came without protection.
    pub fn clear(&self) -> Vec<u8> {
        self.shared.heard().clear.clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.shared.heard().connections
    }
}

impl Shared {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("what was heard")
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

struct Conversation {
    number: usize,
    stream: Option<Stream>,
    options: Options,
    shared: Arc<Shared>,
    pending: Vec<u8>,
    came: usize,
    went: usize,
    logged_in: bool,
    from: String,
    to: Vec<String>,
}

impl Conversation {
    fn new(number: usize, tcp: TcpStream, options: Options, shared: Arc<Shared>) -> IoResult<Self> {
        tcp.set_nodelay(true)?;
        let stream = match options.security {
            Security::Tls => Stream::Tls(Box::new(StreamOwned::new(server_connection(&options), tcp))),
            Security::StartTls | Security::Plain => Stream::Plain(tcp),
        };
        let (pending, to, from) = (Vec::new(), Vec::new(), String::new());
        let stream = Some(stream);
        Ok(Self { number, stream, options, shared, pending, came: 0, went: 0, logged_in: false, from, to })
    }

    fn run(&mut self) -> IoResult<()> {
        self.act(At::Greeting, "", "220 localhost ESMTP\r\n")?;
        loop {
            let line = self.line()?;
            self.note(&line);
            let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" | "HELO" => self.hello(&line)?,
                "STARTTLS" => self.start_tls(&line)?,
                "AUTH" => self.log_in(&line)?,
                "RSET" => {
                    self.forget();
                    self.act(At::Reset, &line, "250 2.0.0 forgotten\r\n")?;
                }
                "MAIL" => self.mail(&line)?,
                "RCPT" => self.recipient(&line)?,
                "DATA" => self.data(&line)?,
                "QUIT" => {
                    self.act(At::Quit, &line, "221 2.0.0 bye\r\n")?;
                    return Ok(());
                }
                _ => self.say(b"500 5.5.1 what?\r\n")?,
            }
        }
    }

    fn hello(&mut self, line: &str) -> IoResult<()> {
        self.forget();
        let mut offers = vec!["localhost greets you".to_owned()];
        offers.extend(self.options.offers.clone());
        let in_clear = matches!(self.stream, Some(Stream::Plain(_)));
        if in_clear && self.options.security == Security::StartTls {
            offers.push("STARTTLS".to_owned());
        }
        if self.options.wants_login {
            offers.push(format!("AUTH {}", self.options.mechanisms));
        }
        let last = offers.len() - 1;
        let line_of = |(i, offer): (usize, &String)| format!("250{}{offer}\r\n", if i == last { ' ' } else { '-' });
        let answer: String = offers.iter().enumerate().map(line_of).collect();
        self.act(At::Hello, line, &answer)?;
        Ok(())
    }

    fn start_tls(&mut self, line: &str) -> IoResult<()> {
        let answer = format!("220 2.0.0 go on\r\n{}", self.options.injected);
        if self.act(At::StartTls, line, &answer)? / 100 != 2 {
            return Ok(());
        }
        self.pending.clear();
        self.logged_in = false;
        if let Some(Stream::Plain(tcp)) = self.stream.take() {
            self.stream = Some(Stream::Tls(Box::new(StreamOwned::new(server_connection(&self.options), tcp))));
        }
        Ok(())
    }

    fn log_in(&mut self, line: &str) -> IoResult<()> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let words: Vec<&str> = line.split(' ').collect();
        let right = match (words.get(1).map(|word| word.to_ascii_uppercase()).as_deref(), words.get(2)) {
            (Some("PLAIN"), Some(answer)) => *answer == STANDARD.encode(format!("\0{USER}\0{PASSWORD}")),
            (Some("LOGIN"), None) => {
                let mut right = true;
                for (asked, expected) in [("VXNlcm5hbWU6", USER), ("UGFzc3dvcmQ6", PASSWORD)] {
                    if self.act(At::Auth, line, &format!("334 {asked}\r\n"))? != 334 {
                        return Ok(());
                    }
                    right &= self.line()? == STANDARD.encode(expected);
                }
                right
            }
            _ => false,
        };
        let answer = if right { "235 2.7.0 welcome\r\n" } else { "535 5.7.8 wrong\r\n" };
        self.logged_in = self.act(At::Auth, line, answer)? == 235;
        Ok(())
    }

    fn mail(&mut self, line: &str) -> IoResult<()> {
        let answer = match (self.options.wants_login && !self.logged_in, self.from.is_empty()) {
            (true, _) => "530 5.7.0 log in first\r\n",
            (false, false) => "503 5.5.1 one at a time\r\n",
            (false, true) => "250 2.1.0 ok\r\n",
        };
        if self.act(At::Mail, line, answer)? / 100 == 2 {
            self.from = line.split_once(':').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        }
        Ok(())
    }

    fn recipient(&mut self, line: &str) -> IoResult<()> {
        let answer = if self.from.is_empty() { "503 5.5.1 MAIL first\r\n" } else { "250 2.1.5 ok\r\n" };
        if self.act(At::Recipient, line, answer)? / 100 == 2 {
            self.to.push(line.split_once(':').map(|(_, rest)| rest.to_owned()).unwrap_or_default());
        }
        Ok(())
    }

    fn data(&mut self, line: &str) -> IoResult<()> {
        let answer = if self.to.is_empty() { "503 5.5.1 RCPT first\r\n" } else { "354 go on\r\n" };
        if self.act(At::Data, line, answer)? != 354 {
            return Ok(());
        }
        let mut bytes = Vec::new();
        loop {
            let line = self.octets_to_line_end()?;
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let taken = Taken { connection: self.number, from: self.from.clone(), to: self.to.clone(), bytes };
        self.forget();
        let act = match self.ask(At::Dot, ".") {
            Act::TakeAnd(act) => {
                self.take(taken);
                return self.carry_out(*act, "250 2.0.0 taken as 1\r\n").map(drop);
            }
            act => act,
        };
        // Taken before the answer leaves, as a real server does; and not when the answer says no.
        let takes = match &act {
            Act::Usual | Act::UsualAndCut | Act::CutAfter(_) => true,
            Act::Say(text) | Act::SaySlowly(text) => text.starts_with('2'),
            Act::Stall | Act::Cut | Act::TakeAnd(_) => false,
        };
        if takes {
            self.take(taken);
        }
        self.carry_out(act, "250 2.0.0 taken as 1\r\n").map(drop)
    }

    fn take(&self, mail: Taken) {
        self.shared.heard().taken.push(mail);
        self.shared.changed.notify_all();
    }

    fn note(&self, line: &str) {
        self.shared.heard().lines.push(line.to_owned());
        self.shared.changed.notify_all();
    }

    fn forget(&mut self) {
        self.from.clear();
        self.to.clear();
    }

    /// Does what the script says; the code that was answered.
    fn act(&mut self, at: At, line: &str, usual: &str) -> IoResult<u16> {
        let act = self.ask(at, line);
        self.carry_out(act, usual)
    }

    fn ask(&self, at: At, line: &str) -> Act {
        let taken = self.shared.heard().taken.len();
        let step = Step { connection: self.number, taken, at, line: line.to_owned() };
        (self.shared.script.lock().expect("the script"))(&step)
    }

    fn carry_out(&mut self, act: Act, usual: &str) -> IoResult<u16> {
        let code = |text: &str| text.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0);
        match act {
            Act::Usual | Act::TakeAnd(_) => self.say(usual.as_bytes()).map(|()| code(usual)),
            Act::Say(text) => self.say(text.as_bytes()).map(|()| code(&text)),
            Act::SaySlowly(text) => {
                for octet in text.as_bytes() {
                    self.say(&[*octet])?;
                }
                Ok(code(&text))
            }
            Act::Stall => loop {
                self.read_some()?;
            },
            Act::Cut => Err(ErrorKind::ConnectionAborted.into()),
            Act::CutAfter(octets) => {
                self.say(&usual.as_bytes()[..octets.min(usual.len())])?;
                Err(ErrorKind::ConnectionAborted.into())
            }
            Act::UsualAndCut => {
                self.say(usual.as_bytes())?;
                Err(ErrorKind::ConnectionAborted.into())
            }
        }
    }

    fn say(&mut self, octets: &[u8]) -> IoResult<()> {
        let left = self.options.cut_outgoing.map_or(usize::MAX, |cut| cut.saturating_sub(self.went));
        let now = &octets[..octets.len().min(left)];
        self.went += now.len();
        match self.stream.as_mut() {
            Some(Stream::Plain(stream)) => stream.write_all(now)?,
            Some(Stream::Tls(stream)) => {
                stream.write_all(now)?;
                stream.flush()?;
            }
            None => return Err(ErrorKind::NotConnected.into()),
        }
        if now.len() < octets.len() { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    fn line(&mut self) -> IoResult<String> {
        let octets = self.octets_to_line_end()?;
        let text = String::from_utf8_lossy(&octets);
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn octets_to_line_end(&mut self) -> IoResult<Vec<u8>> {
        loop {
            if let Some(end) = self.pending.iter().position(|octet| *octet == b'\n') {
                return Ok(self.pending.drain(..=end).collect());
            }
            self.read_some()?;
        }
    }

    fn read_some(&mut self) -> IoResult<()> {
        let left = self.options.cut_incoming.map_or(usize::MAX, |cut| cut.saturating_sub(self.came));
        let mut octets = [0; 4096];
        let most = octets.len().min(left);
        if most == 0 {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        let (count, in_clear) = match self.stream.as_mut() {
            Some(Stream::Plain(stream)) => (stream.read(&mut octets[..most])?, true),
            Some(Stream::Tls(stream)) => (stream.read(&mut octets[..most])?, false),
            None => (0, false),
        };
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.came += count;
        if in_clear {
            self.shared.heard().clear.extend_from_slice(&octets[..count]);
        }
        self.pending.extend_from_slice(&octets[..count]);
        Ok(())
    }
}

fn server_connection(options: &Options) -> ServerConnection {
    let chain = CertificateDer::pem_file_iter(&options.certificate).expect("a certificate").flatten().collect();
    let key = PrivateKeyDer::from_pem_file(&certificates().server_key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate that fits its key");
    ServerConnection::new(Arc::new(config)).expect("a connection")
}
