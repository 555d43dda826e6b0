//! The scripted SMTP server: it answers as chance says, and keeps a transcript of every mail that it took.

use crate::dice::Dice;
use std::io::{BufRead, BufReader, Result as IoResult, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// Recipients with this in their address are refused for good.
pub const GONE: &str = "gone";

/// A mail that the server took: it had the final dot, and was going to answer 250.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The envelope's only recipient.
    pub to: String,
    /// Its octets, without doubled dots.
    pub bytes: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    taken: Mutex<Vec<Taken>>,
    /// How many in a thousand answers are not as usual.
    temper: Mutex<Temper>,
}

#[derive(Clone, Debug)]
struct Temper {
    dice: Dice,
    per_mille: u64,
    /// Nothing unusual but "later", and that behind the final dot, where it is about one mail alone.
    only_later: bool,
}

impl Default for Temper {
    fn default() -> Self {
        Self { dice: Dice::new(0), per_mille: 0, only_later: false }
    }
}

/// A running server; it ends with the test.
#[derive(Clone)]
pub struct SmtpServer {
    /// Where it listens.
    pub port: u16,
    shared: Arc<Shared>,
}

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Usual,
    /// 4xx.
    Later,
    /// 4xx, and closes.
    Closes,
    Cut,
    /// At the dot: takes the mail, and closes without an answer.
    TakeAndCut,
    /// At the dot: takes the mail, and says half of its answer.
    TakeAndHalf,
    /// At the dot: takes the mail, and is silent until the connection ends.
    TakeAndStall,
    /// Silent until the connection ends.
    Stall,
    /// Late, and in two pieces.
    Slow,
}

impl SmtpServer {
    /// Starts one in good temper.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let server = Self { port, shared: Arc::default() };
        let shared = Arc::clone(&server.shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || drop(Session::run(stream, &shared)));
            }
        });
        server
    }

    /// From now on so many answers in a thousand are not as usual.
    pub fn set_temper(&self, dice: Dice, per_mille: u64) {
        *lock(&self.shared.temper) = Temper { dice, per_mille, only_later: false };
    }

    /// From now on so many mails in a thousand are put off behind their final dot, and nothing else is unusual.
    pub fn put_off(&self, dice: Dice, per_mille: u64) {
        *lock(&self.shared.temper) = Temper { dice, per_mille, only_later: true };
    }

    /// The transcript so far, in order.
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.shared.taken).clone()
    }

    /// The transcript behind the first `seen`.
    pub fn taken_after(&self, seen: usize) -> Vec<Taken> {
        lock(&self.shared.taken).get(seen..).unwrap_or_default().to_vec()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics with it")
}

struct Session<'a> {
    reader: BufReader<TcpStream>,
    shared: &'a Shared,
    to: Vec<String>,
    has_sender: bool,
}

impl<'a> Session<'a> {
    fn run(stream: TcpStream, shared: &'a Shared) -> IoResult<()> {
        stream.set_nodelay(true)?;
        let mut session = Self { reader: BufReader::new(stream), shared, to: Vec::new(), has_sender: false };
        session.answer("220 localhost ESMTP\r\n", &[Act::Closes, Act::Cut, Act::Slow])?;
        loop {
            let line = session.line()?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" | "HELO" => {
                    session.answer("250-localhost\r\n250-PIPELINING\r\n250 8BITMIME\r\n", &[Act::Cut])?;
                }
                "MAIL" => session.mail()?,
                "RCPT" => session.recipient(&line)?,
                "DATA" => session.data()?,
                "RSET" => {
                    session.forget();
                    session.say("250 2.0.0 forgotten\r\n")?;
                }
                "NOOP" => session.say("250 2.0.0 ok\r\n")?,
                "QUIT" => return session.say("221 2.0.0 bye\r\n"),
                _ => session.say("500 5.5.1 what?\r\n")?,
            }
        }
    }

    fn mail(&mut self) -> IoResult<()> {
        if self.has_sender {
            return self.say("503 5.5.1 one at a time\r\n");
        }
        let accepted = self.answer("250 2.1.0 ok\r\n", &[Act::Later, Act::Cut])?;
        self.has_sender = accepted;
        Ok(())
    }

    fn recipient(&mut self, line: &str) -> IoResult<()> {
        let to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        if !self.has_sender {
            return self.say("503 5.5.1 MAIL first\r\n");
        }
        if to.starts_with(GONE) {
            return self.say("550 5.1.1 nobody of that name\r\n");
        }
        if self.answer("250 2.1.5 ok\r\n", &[Act::Later, Act::Cut, Act::Slow])? {
            self.to.push(to);
        }
        Ok(())
    }

    fn data(&mut self) -> IoResult<()> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first\r\n");
        }
        if !self.answer("354 go on\r\n", &[Act::Later, Act::Cut, Act::Stall])? {
            return Ok(());
        }
        let mut bytes = Vec::new();
        loop {
            let line = self.octets()?;
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let to = self.to.join(" ");
        self.forget();
        let acts = [
            Act::Later,
            Act::Closes,
            Act::Cut,
            Act::TakeAndCut,
            Act::TakeAndCut,
            Act::TakeAndHalf,
            Act::TakeAndStall,
            Act::Slow,
        ];
        let only_later = lock(&self.shared.temper).only_later;
        let act = self.draw(if only_later { &[Act::Later] } else { &acts });
        if matches!(act, Act::Usual | Act::Slow | Act::TakeAndCut | Act::TakeAndHalf | Act::TakeAndStall) {
            // Kept before the answer leaves, as a real server does.
            lock(&self.shared.taken).push(Taken { to, bytes });
        }
        self.carry_out(act, "250 2.0.0 taken\r\n").map(drop)
    }

    fn forget(&mut self) {
        self.to.clear();
        self.has_sender = false;
    }

    fn draw(&self, unusual: &[Act]) -> Act {
        let mut temper = lock(&self.shared.temper);
        let share = temper.per_mille;
        if temper.dice.below(1000) < share { *temper.dice.one(unusual) } else { Act::Usual }
    }

    /// Answers as usual, or not; gives whether it was a yes.
    fn answer(&mut self, usual: &str, unusual: &[Act]) -> IoResult<bool> {
        let is_usual = lock(&self.shared.temper).only_later;
        let act = if is_usual { Act::Usual } else { self.draw(unusual) };
        self.carry_out(act, usual)
    }

    fn carry_out(&mut self, act: Act, usual: &str) -> IoResult<bool> {
        let cut = || Err(std::io::ErrorKind::ConnectionAborted.into());
        match act {
            Act::Usual => self.say(usual).map(|()| true),
            Act::Later => self.say("451 4.3.0 not now\r\n").map(|()| false),
            Act::Closes => self.say("421 4.3.2 closing\r\n").and_then(|()| cut()),
            Act::Cut | Act::TakeAndCut => cut(),
            Act::TakeAndHalf => self.say(&usual[..usual.len() / 2]).and_then(|()| cut()),
            Act::Stall | Act::TakeAndStall => loop {
                self.octets()?;
            },
            Act::Slow => {
                let (first, second) = usual.split_at(usual.len() / 2);
                self.say(first)?;
                std::thread::sleep(Duration::from_millis(60));
                self.say(second).map(|()| true)
            }
        }
    }

    fn say(&mut self, text: &str) -> IoResult<()> {
        self.reader.get_mut().write_all(text.as_bytes())
    }

    fn line(&mut self) -> IoResult<String> {
        let octets = self.octets()?;
        Ok(String::from_utf8_lossy(&octets).trim_end().to_owned())
    }

    fn octets(&mut self) -> IoResult<Vec<u8>> {
        let mut line = Vec::new();
        match self.reader.read_until(b'\n', &mut line)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }
}
