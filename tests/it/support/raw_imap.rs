//! A second client, as plain as can be: what another mail program does to the same mailbox, and what stands there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A session that is logged in.
pub struct RawImap {
    reader: BufReader<TcpStream>,
    tags: u32,
}

impl RawImap {
    /// Logs in, in clear, on this machine.
    pub fn log_in(port: u16, user: &str, password: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        let mut client = Self { reader: BufReader::new(stream), tags: 0 };
        client.line();
        client.ok(&format!("LOGIN {user} {password}"));
        client
    }

    /// Runs a command that must succeed; its answers as text, bodies included.
    pub fn ok(&mut self, command: &str) -> String {
        let tag = self.send(command);
        self.answers(&tag)
    }

    /// Appends a mail; `arguments` stand between the folder and the literal, such as flags and a date.
    pub fn append(&mut self, folder: &str, arguments: &str, raw: &[u8]) {
        let tag = self.send(&format!("APPEND {folder} {arguments}{{{}}}", raw.len()));
        let asked = self.line();
        assert!(asked.starts_with('+'), "{asked}");
        self.reader.get_mut().write_all(raw).expect("sent");
        self.reader.get_mut().write_all(b"\r\n").expect("sent");
        self.answers(&tag);
    }

    /// UIDs of all mails in a folder, in order.
    pub fn uids(&mut self, folder: &str) -> Vec<u32> {
        self.ok(&format!("SELECT \"{folder}\""));
        let answer = self.ok("UID SEARCH ALL");
        let line = answer.lines().find(|line| line.starts_with("* SEARCH")).unwrap_or_default();
        line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    }

    /// Subjects of all mails in a folder, in order.
    pub fn subjects(&mut self, folder: &str) -> Vec<String> {
        if self.uids(folder).is_empty() {
            return Vec::new();
        }
        let answer = self.ok("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
        answer.lines().filter_map(|line| line.strip_prefix("Subject: ")).map(str::to_owned).collect()
    }

    fn send(&mut self, command: &str) -> String {
        self.tags += 1;
        let tag = format!("r{}", self.tags);
        self.reader.get_mut().write_all(format!("{tag} {command}\r\n").as_bytes()).expect("sent");
        tag
    }

    fn answers(&mut self, tag: &str) -> String {
        let mut all = String::new();
        loop {
            let line = self.line();
            if let Some(status) = line.strip_prefix(&format!("{tag} ")) {
                assert!(status.starts_with("OK"), "{line}");
                return all;
            }
            let literal = line.trim_end().strip_suffix('}').and_then(|l| l.rsplit_once('{')).map(|(_, n)| n.parse());
            all.push_str(&line);
            if let Some(Ok(length)) = literal {
                let mut octets = vec![0; length];
                self.reader.read_exact(&mut octets).expect("a literal");
                all.push_str(&String::from_utf8_lossy(&octets));
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("a line");
        assert!(!line.is_empty(), "the server closed the connection");
        line
    }
}
