//! The typed layer over async-imap: one command, its untagged answers, its tagged status.
//!
//! Of async-imap only the stream of parsed answers is used (`read_response`); commands are written to the connection
//! below it, so that tags, literals and deadlines are ours. Here a lost connection, BYE, a late or an unreadable
//! answer is an error, and only a tagged OK is success.

use super::super::error::{MailboxError, RetryCause};
use super::reply::{Capabilities, Reply, Verdict, capabilities_of, code_of, copied_of};
use super::stream::{Line, Metered};
use async_imap::Client;
use async_imap::imap_proto::{MailboxDatum, Response, Status};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout_at};

/// What a server may send for any command, in octets: its answer, and news that come in between.
const ANSWER_BYTES: u64 = 8 << 20;

/// The slowest line on which a large answer still arrives in time, in octets a second.
const SLOWEST: u64 = 32 << 10;

/// A part of a command.
pub(super) enum Piece<'a> {
    /// Sent as it is; holds no CR and no LF.
    Text(&'a str),
    /// Sent as a synchronising literal (RFC 3501, section 4.3).
    Literal(&'a [u8]),
}

/// A connection, and what it said about the selected mailbox on the side.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client<Metered>,
    deadline: Duration,
    tags: u32,
    /// A command is under way. It stays set when a future is dropped in the middle: then nothing fits any more.
    busy: bool,
    /// The tag of an IDLE that the server has accepted and that was not ended yet.
    idle: Option<String>,
    /// How many mails the selected mailbox has.
    pub(super) exists: u32,
    /// Whether mail was announced since the mailbox was selected.
    pub(super) news: bool,
}

impl Wire {
    /// A connection on which the server speaks first.
    pub(super) fn new(line: Line, deadline: Duration) -> Self {
        let client = Client::new(Metered::new(line));
        Self { client, deadline, tags: 0, busy: false, idle: None, exists: 0, news: false }
    }

    /// Whether the connection can take a command: no dropped future left it out of step.
    pub(super) fn is_in_step(&self) -> bool {
        !self.busy
    }

    /// The line below, for the TLS handshake; what was read ahead is thrown away. `None`: the server has already sent
    /// something that belongs behind the handshake.
    pub(super) fn into_line(mut self) -> Option<Line> {
        match self.client.read_response().now_or_never() {
            Some(_) => None,
            None => Some(self.client.into_inner().into_line()),
        }
    }

    /// The greeting: whether we are logged in already (PREAUTH), and the capabilities where it names them.
    pub(super) async fn greeting(&mut self) -> Result<(bool, Option<Capabilities>), MailboxError> {
        const DOING: &str = "connect to the IMAP server";
        self.client.get_mut().allow(ANSWER_BYTES);
        let until = Instant::now() + self.deadline;
        let answer = bounded(self.client.read_response(), until, DOING).await?;
        match answer.parsed() {
            Response::Data { status: Status::Ok, outcome } => Ok((false, capabilities_of(outcome))),
            Response::Data { status: Status::PreAuth, outcome } => Ok((true, capabilities_of(outcome))),
            Response::Data { status: Status::Bye, .. } => Err(MailboxError::retry(DOING, RetryCause::Bye)),
            _ => Err(MailboxError::retry(DOING, RetryCause::Incomplete("a greeting"))),
        }
    }

    /// Runs a command of one text; see [`Wire::run_pieces`].
    pub(super) async fn run(
        &mut self,
        doing: &'static str,
        command: &str,
        on_untagged: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Reply, MailboxError> {
        self.run_pieces(doing, &[Piece::Text(command)], 0, on_untagged).await
    }

    /// Runs a command for which the server may send `bytes` octets besides the usual; see [`Wire::run_pieces`].
    pub(super) async fn run_large(
        &mut self,
        doing: &'static str,
        command: &str,
        bytes: u64,
        on_untagged: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Reply, MailboxError> {
        self.run_pieces(doing, &[Piece::Text(command)], bytes, on_untagged).await
    }

    /// Runs a command: sends it, hands every untagged answer to `on_untagged`, and returns the tagged one. An error
    /// means that the connection must be given up.
    pub(super) async fn run_pieces(
        &mut self,
        doing: &'static str,
        pieces: &[Piece<'_>],
        bytes: u64,
        mut on_untagged: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Reply, MailboxError> {
        self.end_idle(doing).await?;
        let sent: u64 = pieces.iter().map(piece_bytes).sum();
        let (tag, until) = self.begin(doing, bytes.saturating_add(sent))?;
        let mut copied = None;
        self.write(doing, until, format!("{tag} ").as_bytes()).await?;
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.write(doing, until, text.as_bytes()).await?,
                Piece::Literal(octets) => {
                    self.write(doing, until, format!("{{{}}}\r\n", octets.len()).as_bytes()).await?;
                    if let Some(reply) = self.until_continue(doing, &tag, until, &mut on_untagged).await? {
                        return Ok(reply); // refused before the literal was sent
                    }
                    self.write(doing, until, octets).await?;
                }
            }
        }
        self.write(doing, until, b"\r\n").await?;
        loop {
            match self.step(doing, &tag, until, &mut copied, &mut on_untagged).await? {
                Step::Done(reply) => return Ok(reply),
                Step::Continue => return Err(MailboxError::retry(doing, RetryCause::Incomplete("a tagged status"))),
                Step::Untagged => {}
            }
        }
    }

    /// Runs AUTHENTICATE with one response: at once where `initial`, else when the server asks for it.
    pub(super) async fn authenticate(
        &mut self,
        doing: &'static str,
        command: &str,
        response: &str,
        initial: bool,
    ) -> Result<Reply, MailboxError> {
        let (tag, until) = self.begin(doing, 0)?;
        let mut copied = None;
        if initial {
            self.write(doing, until, format!("{tag} {command} ").as_bytes()).await?;
            self.write(doing, until, response.as_bytes()).await?;
        } else {
            self.write(doing, until, format!("{tag} {command}").as_bytes()).await?;
        }
        self.write(doing, until, b"\r\n").await?;
        let mut answered = initial;
        loop {
            match self.step(doing, &tag, until, &mut copied, &mut |_| {}).await? {
                Step::Done(reply) => return Ok(reply),
                Step::Untagged => {}
                // A second challenge tells why we are refused; an empty answer fetches the tagged NO.
                Step::Continue if answered => self.write(doing, until, b"\r\n").await?,
                Step::Continue => {
                    answered = true;
                    self.write(doing, until, response.as_bytes()).await?;
                    self.write(doing, until, b"\r\n").await?;
                }
            }
        }
    }

    /// Starts IDLE. `Ok(None)`: the server pushes from here on; `Some`: it does not want to.
    pub(super) async fn start_idle(&mut self, doing: &'static str) -> Result<Option<Reply>, MailboxError> {
        self.end_idle(doing).await?;
        let (tag, until) = self.begin(doing, 0)?;
        self.write(doing, until, format!("{tag} IDLE\r\n").as_bytes()).await?;
        let refused = self.until_continue(doing, &tag, until, &mut |_| {}).await?;
        if refused.is_none() {
            self.idle = Some(tag);
            self.busy = false;
        }
        Ok(refused)
    }

    /// Reads pushed answers until there is news or `until` has passed. Dropping the future is safe.
    pub(super) async fn idle_until(&mut self, doing: &'static str, until: Instant) -> Result<(), MailboxError> {
        while !self.news {
            let answer = match bounded(self.client.read_response(), until, doing).await {
                Ok(answer) => answer,
                Err(MailboxError::Retry { cause: RetryCause::Deadline, .. }) => return Ok(()),
                Err(error) => return Err(error),
            };
            self.note(doing, answer.parsed())?;
            if let Response::Done { .. } = answer.parsed() {
                // The server ended IDLE by itself. That is lawful only as an answer to DONE, so we are out of step.
                return Err(MailboxError::retry(doing, RetryCause::Incomplete("a reason to end IDLE")));
            }
        }
        Ok(())
    }

    /// Ends an IDLE that is under way.
    pub(super) async fn end_idle(&mut self, doing: &'static str) -> Result<(), MailboxError> {
        let Some(tag) = self.idle.take() else { return Ok(()) };
        self.busy = true;
        self.client.get_mut().allow(ANSWER_BYTES);
        let until = Instant::now() + self.deadline;
        self.write(doing, until, b"DONE\r\n").await?;
        let mut copied = None;
        loop {
            if let Step::Done(reply) = self.step(doing, &tag, until, &mut copied, &mut |_| {}).await? {
                return reply.ok(doing).map(drop);
            }
        }
    }

    fn begin(&mut self, doing: &'static str, bytes: u64) -> Result<(String, Instant), MailboxError> {
        if self.busy {
            return Err(MailboxError::retry(doing, RetryCause::Lost(std::io::ErrorKind::ConnectionAborted)));
        }
        self.busy = true;
        self.tags = self.tags.wrapping_add(1);
        self.client.get_mut().allow(bytes.saturating_add(ANSWER_BYTES));
        let until = Instant::now() + self.deadline + Duration::from_secs(bytes / SLOWEST);
        Ok((format!("m{}", self.tags), until))
    }

    async fn write(&mut self, doing: &'static str, until: Instant, octets: &[u8]) -> Result<(), MailboxError> {
        let stream = self.client.get_mut();
        let written = timeout_at(until, async {
            stream.write_all(octets).await?;
            stream.flush().await
        });
        match written.await {
            Err(_) => Err(MailboxError::retry(doing, RetryCause::Deadline)),
            Ok(Err(error)) => Err(MailboxError::retry(doing, RetryCause::Lost(error.kind()))),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// Waits until the server asks for more (`+`); `Some` is its refusal. Untagged answers may come before either.
    async fn until_continue(
        &mut self,
        doing: &'static str,
        tag: &str,
        until: Instant,
        on_untagged: &mut (impl FnMut(&Response<'_>) + Send),
    ) -> Result<Option<Reply>, MailboxError> {
        let mut copied = None;
        loop {
            match self.step(doing, tag, until, &mut copied, on_untagged).await? {
                Step::Continue => return Ok(None),
                Step::Done(reply) if reply.verdict == Verdict::Ok => {
                    return Err(MailboxError::retry(doing, RetryCause::Incomplete("a continuation")));
                }
                Step::Done(reply) => return Ok(Some(reply)),
                Step::Untagged => {}
            }
        }
    }

    /// Reads one answer of the command with this tag.
    async fn step(
        &mut self,
        doing: &'static str,
        tag: &str,
        until: Instant,
        copied: &mut Option<Vec<u32>>,
        on_untagged: &mut (impl FnMut(&Response<'_>) + Send),
    ) -> Result<Step, MailboxError> {
        let answer = bounded(self.client.read_response(), until, doing).await?;
        match answer.parsed() {
            Response::Continue(_) => Ok(Step::Continue),
            Response::Done { tag: theirs, status, outcome } => {
                if theirs.0 != tag {
                    return Err(MailboxError::retry(doing, RetryCause::Incomplete("our tag")));
                }
                let verdict = match status {
                    Status::Ok | Status::PreAuth => Verdict::Ok,
                    Status::No => Verdict::No,
                    Status::Bad => Verdict::Bad,
                    Status::Bye => return Err(MailboxError::retry(doing, RetryCause::Bye)),
                };
                self.busy = false;
                let copied = copied_of(outcome).or_else(|| copied.take());
                Ok(Step::Done(Reply { verdict, code: code_of(outcome), copied }))
            }
            untagged => {
                self.note(doing, untagged)?;
                if let Response::Data { outcome, .. } = untagged
                    && let Some(sources) = copied_of(outcome)
                {
                    copied.get_or_insert_default().extend(sources);
                }
                on_untagged(untagged);
                Ok(Step::Untagged)
            }
        }
    }

    /// Notes what any answer may say on the side: BYE, and how many mails there are.
    fn note(&mut self, doing: &'static str, answer: &Response<'_>) -> Result<(), MailboxError> {
        match answer {
            Response::Data { status: Status::Bye, .. } => Err(MailboxError::retry(doing, RetryCause::Bye)),
            Response::MailboxData(MailboxDatum::Exists(count)) => {
                self.news |= *count > self.exists;
                self.exists = *count;
                Ok(())
            }
            Response::Expunge(_) => {
                self.exists = self.exists.saturating_sub(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

enum Step {
    Untagged,
    Continue,
    Done(Reply),
}

fn piece_bytes(piece: &Piece<'_>) -> u64 {
    match piece {
        Piece::Text(text) => text.len() as u64,
        Piece::Literal(octets) => octets.len() as u64,
    }
}

/// Reads one answer. An unreadable one is told as that and nothing else: the library's error holds the mail. Its
/// parser can also panic on a few malformed answers (`INTERNALDATE NIL`), which is the same to us.
async fn bounded<T>(
    reading: impl Future<Output = std::io::Result<Option<T>>>,
    until: Instant,
    doing: &'static str,
) -> Result<T, MailboxError> {
    let cause = match timeout_at(until, AssertUnwindSafe(reading).catch_unwind()).await {
        Err(_) => RetryCause::Deadline,
        Ok(Err(_panic)) => RetryCause::Unparsable,
        Ok(Ok(Ok(Some(answer)))) => return Ok(answer),
        Ok(Ok(Ok(None))) => RetryCause::Lost(std::io::ErrorKind::UnexpectedEof),
        Ok(Ok(Err(error))) => match error.kind() {
            std::io::ErrorKind::Other => RetryCause::Unparsable,
            std::io::ErrorKind::FileTooLarge => RetryCause::TooMuch,
            kind => RetryCause::Lost(kind),
        },
    };
    Err(MailboxError::retry(doing, cause))
}
