//! An SMTP server that takes everything and notes when it took what: a thread a connection, and nothing else to do.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What was taken: the Message-IDs that were answered, and when.
#[derive(Default)]
struct Taken {
    count: usize,
    answers: HashMap<String, Instant>,
}

/// A running server.
#[derive(Clone)]
pub struct Sink {
    /// Its port on 127.0.0.1.
    pub port: u16,
    taken: Arc<(Mutex<Taken>, Condvar)>,
}

impl Sink {
    /// Starts it.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let sink = Self { port, taken: Arc::default() };
        let serving = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sink = serving.clone();
                std::thread::spawn(move || sink.serve(stream));
            }
        });
        sink
    }

    /// How many mails it has taken.
    pub fn count(&self) -> usize {
        self.taken.0.lock().expect("what was taken").count
    }

    /// Waits until it has taken so many, or the time is over; how many it has.
    pub fn wait_for(&self, mails: usize, time: Duration) -> usize {
        let taken = self.taken.0.lock().expect("what was taken");
        let waited = self.taken.1.wait_timeout_while(taken, time, |taken| taken.count < mails);
        waited.expect("what was taken").0.count
    }

    /// When the answer to this Message-ID was taken.
    pub fn answered(&self, id: &str, time: Duration) -> Option<Instant> {
        let taken = self.taken.0.lock().expect("what was taken");
        let waited = self.taken.1.wait_timeout_while(taken, time, |taken| !taken.answers.contains_key(id));
        waited.expect("what was taken").0.answers.get(id).copied()
    }

    fn serve(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let (mut incoming, mut out) = (BufReader::with_capacity(1 << 16, stream.try_clone()?), stream);
        out.write_all(b"220 localhost ESMTP\r\n")?;
        let mut line = Vec::new();
        loop {
            line.clear();
            if incoming.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            match line.get(..4).map(<[u8]>::to_ascii_uppercase).as_deref() {
                Some(b"EHLO") => {
                    out.write_all(
                        b"250-localhost\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
                    )?;
                }
                Some(b"DATA") => {
                    out.write_all(b"354 go on\r\n")?;
                    self.take(&mut incoming, &mut line)?;
                    out.write_all(b"250 2.0.0 taken\r\n")?;
                }
                Some(b"QUIT") => return out.write_all(b"221 2.0.0 goodbye\r\n"),
                _ => out.write_all(b"250 2.0.0 well\r\n")?,
            }
        }
    }

    fn take(&self, incoming: &mut BufReader<TcpStream>, line: &mut Vec<u8>) -> Result<()> {
        let mut answers = None;
        loop {
            line.clear();
            if incoming.read_until(b'\n', line)? == 0 || line == b".\r\n" {
                break;
            }
            if answers.is_none() && line.starts_with(b"In-Reply-To:") {
                let text = String::from_utf8_lossy(line.get(12..).unwrap_or_default()).into_owned();
                answers = Some(text.trim().trim_matches(['<', '>']).to_owned());
            }
        }
        let mut taken = self.taken.0.lock().expect("what was taken");
        taken.count += 1;
        if let Some(id) = answers {
            taken.answers.insert(id, Instant::now());
        }
        drop(taken);
        self.taken.1.notify_all();
        Ok(())
    }
}
