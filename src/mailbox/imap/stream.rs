//! The octets below IMAP: TCP or TLS over TCP, with a bound on what a server may send for one command.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection, in clear or in TLS.
#[derive(Debug)]
pub(super) enum Line {
    /// In clear: before STARTTLS, or to this machine.
    Plain(TcpStream),
    /// In TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

/// A [`Line`] that stops reading when a server sends more than it was allowed to.
#[derive(Debug)]
pub(super) struct Metered {
    line: Line,
    left: u64,
}

impl Metered {
    /// A metered line on which nothing may be read yet.
    pub(super) fn new(line: Line) -> Self {
        Self { line, left: 0 }
    }

    /// From here on the server may send `bytes` octets.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.left = bytes;
    }

    /// The line itself, for the TLS handshake.
    pub(super) fn into_line(self) -> Line {
        self.line
    }
}

impl AsyncRead for Metered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match &mut self.line {
            Line::Plain(stream) => ready!(Pin::new(stream).poll_read(cx, buf))?,
            Line::Tls(stream) => ready!(Pin::new(stream.as_mut()).poll_read(cx, buf))?,
        }
        let read = (buf.filled().len() - before) as u64;
        match self.left.checked_sub(read) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into())),
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Line::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Line::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.line {
            Line::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Line::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
