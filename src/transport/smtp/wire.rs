//! The wire: bounded replies and writes with deadlines, and a look at whether the server has spoken unasked.

use super::reply::{self, Reply};
use super::{SendError, Stage};
use crate::transport::Cause;
use socket2::SockRef;
use std::io::{ErrorKind, Result as IoResult};
use std::mem::MaybeUninit;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// RFC 5321, section 4.5.3.1.5 allows 512 octets; some servers send more.
const LONGEST_LINE: usize = 4096;
/// Lines of one reply.
const MOST_LINES: usize = 200;
/// Octets written under one deadline.
const BLOCK: usize = 64 << 10;
/// How long a TLS layer may take over octets that are there already.
const AT_HAND: Duration = Duration::from_millis(20);

/// A stream of either kind.
#[derive(Debug)]
pub(super) enum Line {
    /// In clear.
    Plain(TcpStream),
    /// Protected.
    Tls(Box<TlsStream<TcpStream>>),
}

/// A stream and what came from it and was not read yet.
pub(super) struct Wire {
    line: Line,
    incoming: Vec<u8>,
}

impl Wire {
    /// A wire over a stream from which nothing was read.
    pub(super) fn new(line: Line) -> Self {
        Self { line, incoming: Vec::new() }
    }

    /// The stream, to protect it. `None`: the server said more than it was asked, which must not count as said under
    /// protection (RFC 3207, section 5; CVE-2011-0411).
    pub(super) fn into_plain(self) -> Option<TcpStream> {
        match self.line {
            Line::Plain(stream) if self.incoming.is_empty() => Some(stream),
            Line::Plain(_) | Line::Tls(_) => None,
        }
    }

    /// The TCP connection beneath.
    pub(super) fn tcp(&self) -> &TcpStream {
        match &self.line {
            Line::Plain(stream) => stream,
            Line::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Sends a command without its CRLF and reads its reply.
    pub(super) async fn command(&mut self, stage: Stage, text: &str, deadline: Duration) -> Result<Reply, SendError> {
        self.quiet().await.map_err(|cause| SendError::retry(stage, cause))?;
        let whole = zeroize::Zeroizing::new(format!("{text}\r\n"));
        self.write(whole.as_bytes(), deadline).await.map_err(|cause| SendError::retry(stage, cause))?;
        self.reply(deadline).await.map_err(|cause| SendError::retry(stage, cause))
    }

    /// Writes all of it, each block within the deadline.
    pub(super) async fn write(&mut self, octets: &[u8], deadline: Duration) -> Result<(), Cause> {
        for block in octets.chunks(BLOCK) {
            timeout(deadline, self.write_block(block)).await.map_err(|_| Cause::Deadline)?.map_err(lost)?;
        }
        Ok(())
    }

    /// One reply, all lines of it within the deadline.
    pub(super) async fn reply(&mut self, deadline: Duration) -> Result<Reply, Cause> {
        timeout(deadline, self.read_reply()).await.map_err(|_| Cause::Deadline)?
    }

    /// Whether the server has said nothing that was not asked for, and has not hung up, as far as that has arrived.
    /// What is left over from another mail must never be taken for an answer.
    pub(super) async fn quiet(&mut self) -> Result<(), Cause> {
        let unasked = Cause::Odd("an answer to nothing");
        if !self.incoming.is_empty() {
            return Err(unasked);
        }
        let mut octet = [MaybeUninit::uninit()];
        match SockRef::from(self.tcp()).peek(&mut octet) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return Ok(()),
            Err(error) => return Err(lost(error)),
            Ok(0) => return Err(Cause::Lost(ErrorKind::UnexpectedEof)),
            Ok(_) if matches!(self.line, Line::Plain(_)) => return Err(unasked),
            // Under TLS it may be no more than a session ticket.
            Ok(_) => {}
        }
        match timeout(AT_HAND, self.read_some()).await {
            Err(_) => Ok(()),
            Ok(Err(cause)) => Err(cause),
            Ok(Ok(())) => Err(unasked),
        }
    }

    async fn write_block(&mut self, block: &[u8]) -> IoResult<()> {
        match &mut self.line {
            Line::Plain(stream) => stream.write_all(block).await,
            Line::Tls(stream) => {
                stream.write_all(block).await?;
                stream.flush().await
            }
        }
    }

    async fn read_reply(&mut self) -> Result<Reply, Cause> {
        let mut found = Reply { code: 0, lines: Vec::new() };
        loop {
            let octets = self.read_line().await?;
            let (code, more, text) = reply::line(&octets).ok_or(Cause::Odd("an answer that is no SMTP"))?;
            if !found.lines.is_empty() && code != found.code {
                return Err(Cause::Odd("an answer with two codes"));
            }
            found.code = code;
            found.lines.push(text);
            if !more {
                return Ok(found);
            }
            if found.lines.len() >= MOST_LINES {
                return Err(Cause::Odd("an answer without end"));
            }
        }
    }

    /// A line without its end.
    async fn read_line(&mut self) -> Result<Vec<u8>, Cause> {
        let mut looked_at = 0;
        loop {
            let unseen = self.incoming.get(looked_at..).unwrap_or_default();
            if let Some(end) = unseen.iter().position(|octet| *octet == b'\n') {
                let mut line: Vec<u8> = self.incoming.drain(..=looked_at + end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            looked_at = self.incoming.len();
            if looked_at > LONGEST_LINE {
                return Err(Cause::Odd("an answer without end"));
            }
            self.read_some().await?;
        }
    }

    /// Reads what is there, at least an octet.
    async fn read_some(&mut self) -> Result<(), Cause> {
        let mut octets = [0; 2048];
        let count = match &mut self.line {
            Line::Plain(stream) => stream.read(&mut octets).await,
            Line::Tls(stream) => stream.read(&mut octets).await,
        };
        match count.map_err(lost)? {
            0 => Err(Cause::Lost(ErrorKind::UnexpectedEof)),
            count => {
                self.incoming.extend_from_slice(octets.get(..count).unwrap_or_default());
                Ok(())
            }
        }
    }
}

/// Of an error only its kind is kept: some libraries put addresses into the text.
fn lost(error: std::io::Error) -> Cause {
    Cause::Lost(error.kind())
}

/// What came over it never reaches a log by accident.
impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.line {
            Line::Plain(_) => "Wire(plain)",
            Line::Tls(_) => "Wire(tls)",
        })
    }
}
