//! A scripted IMAP server that misbehaves. It speaks in clear on this machine; a test overrides what it answers.

use mailclerk::mailbox::{Credentials, ImapSettings};
use mailclerk::settings::Security;
use secrecy::SecretString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with a command. `TAG` in a text stands for the command's tag.
pub enum Act {
    /// Answers.
    Say(String),
    /// Answers octet by octet, each in a packet of its own.
    SaySlowly(String),
    /// Sends the first octets of an answer, then closes the connection.
    Cut(String, usize),
    /// Says nothing, and keeps the connection.
    Stall,
    /// As a server in order would.
    Usual,
}

impl Act {
    /// Answers.
    pub fn say(text: &str) -> Self {
        Self::Say(text.to_owned())
    }
}

/// What the server's script is asked: the number of the connection, from 0, and the command without its tag. The
/// greeting is asked for with an empty command, and the octets of a literal with `LITERAL` and their text.
pub type Script = dyn FnMut(usize, &str) -> Act + Send;

/// A running server; it ends with the test process.
pub struct FakeImap {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

/// The usual greeting.
pub const GREETING: &str = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE UIDPLUS MOVE] ready\r\n";

/// The usual answer to SELECT: UIDVALIDITY 7, mails with the UIDs 1 and 2.
pub const SELECTED: &str =
    "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 3] next\r\nTAG OK [READ-WRITE] done\r\n";

/// The usual list of sizes.
pub const LISTED: &str = "* 1 FETCH (UID 1 RFC822.SIZE 11 INTERNALDATE \"01-Feb-2026 09:05:00 +0000\")\r\n\
     * 2 FETCH (UID 2 RFC822.SIZE 11 INTERNALDATE \"01-Feb-2026 09:06:00 +0000\")\r\nTAG OK done\r\n";

/// The usual bodies.
pub const BODIES: &str = "* 1 FETCH (UID 1 BODY[] {11}\r\na: b\r\n\r\nc\r\n)\r\n\
     * 2 FETCH (UID 2 BODY[] {11}\r\na: d\r\n\r\ne\r\n)\r\nTAG OK done\r\n";

impl FakeImap {
    /// Starts a server with this script.
    pub fn start(script: impl FnMut(usize, &str) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(script));
        let notes = Arc::clone(&heard);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (script, notes) = (Arc::clone(&script), Arc::clone(&notes));
                // A client that goes away ends its thread; that is no failure of the test.
                std::thread::spawn(move || stream.and_then(|stream| serve(number, stream, &script, &notes)));
            }
        });
        Self { port, heard }
    }

    /// How to reach it.
    pub fn settings(&self) -> ImapSettings {
        ImapSettings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            security: Security::Plain,
            user: "clerk".to_owned(),
            credentials: Credentials::Password(SecretString::from("se\"cret")),
            folder: "INBOX".to_owned(),
            ca_file: None,
            deadline: Duration::from_secs(20),
            poll: Duration::from_secs(60),
        }
    }

    /// Commands that came so far, without tags.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("the notes").clone()
    }
}

fn serve(number: usize, stream: TcpStream, script: &Mutex<Script>, heard: &Mutex<Vec<String>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    if !act(&mut reader, script, number, "", "*")? {
        return Ok(());
    }
    let mut tag = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end_matches(['\r', '\n']);
        // What goes on after a literal, DONE and answers to a challenge bear no tag.
        let command = match line.split_once(' ') {
            Some((first, rest)) if first.starts_with('m') && first.len() < 6 => {
                first.clone_into(&mut tag);
                rest.to_owned()
            }
            _ => format!("UNTAGGED {line}"),
        };
        heard.lock().expect("the notes").push(command.clone());
        if !act(&mut reader, script, number, &command, &tag)? {
            return Ok(());
        }
        let length = command.strip_suffix('}').and_then(|c| c.rsplit_once('{')).and_then(|(_, n)| n.parse().ok());
        if let Some(length) = length {
            let mut octets = vec![0; length];
            reader.read_exact(&mut octets)?;
            heard.lock().expect("the notes").push(format!("LITERAL {}", String::from_utf8_lossy(&octets)));
        }
    }
}

/// Does what the script says; `false`: the connection is closed.
fn act(
    reader: &mut BufReader<TcpStream>,
    script: &Mutex<Script>,
    number: usize,
    command: &str,
    tag: &str,
) -> std::io::Result<bool> {
    let act = (script.lock().expect("the script"))(number, command);
    let stream = reader.get_mut();
    match act {
        Act::Say(text) => stream.write_all(text.replace("TAG", tag).as_bytes())?,
        Act::SaySlowly(text) => {
            for octet in text.replace("TAG", tag).as_bytes() {
                stream.write_all(&[*octet])?;
            }
        }
        Act::Cut(text, octets) => {
            let text = text.replace("TAG", tag);
            stream.write_all(&text.as_bytes()[..octets.min(text.len())])?;
            stream.shutdown(std::net::Shutdown::Both)?;
            return Ok(false);
        }
        Act::Stall => {}
        Act::Usual => stream.write_all(usual(command).replace("TAG", tag).as_bytes())?,
    }
    Ok(true)
}

fn usual(command: &str) -> &'static str {
    match command {
        "" => GREETING,
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE UIDPLUS MOVE\r\nTAG OK done\r\n",
        c if c.starts_with("SELECT") || c.starts_with("EXAMINE") => SELECTED,
        c if c.starts_with("UID FETCH") && c.contains("BODY.PEEK[]") => BODIES,
        c if c.starts_with("UID FETCH") && c.contains("RFC822.SIZE") => LISTED,
        c if c.starts_with("UID FETCH") => "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\nTAG OK done\r\n",
        c if c.starts_with("UID SEARCH") => "* SEARCH\r\nTAG OK done\r\n",
        c if c.starts_with("LIST") => "* LIST () \"/\" \"Sent\"\r\nTAG OK done\r\n",
        "IDLE" => "+ idling\r\n",
        c if c.ends_with('}') => "+ go on\r\n",
        "UNTAGGED " => "TAG OK done\r\n",
        c if c.starts_with("UNTAGGED") && c != "UNTAGGED DONE" => "",
        _ => "TAG OK done\r\n",
    }
}
