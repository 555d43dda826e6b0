//! A server that plays whatever part a test writes for it, in clear and under TLS, and keeps every octet that it was
//! told either way: what an attacker on the line, or one who passes for the server, would learn.

use super::certificates::certificates;
use std::io::{Read, Result as IoResult, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};

/// How long a part waits for the other side before it ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was heard, of all connections together.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Connections that were made.
    pub connections: usize,
    /// Octets that came in clear.
    pub clear: Vec<u8>,
    /// Octets that came under TLS.
    pub protected: Vec<u8>,
}

impl Heard {
    /// All of it as text.
    pub fn text(&self) -> String {
        format!("{}\n{}", String::from_utf8_lossy(&self.clear), String::from_utf8_lossy(&self.protected))
    }
}

/// A running server; it ends with the test process.
pub struct Eavesdropper {
    /// Where it listens, on this machine.
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
}

/// One connection, as the part sees it.
pub struct Line {
    tcp: Option<TcpStream>,
    tls: Option<StreamOwned<ServerConnection, TcpStream>>,
    heard: Arc<Mutex<Heard>>,
}

impl Eavesdropper {
    /// Starts a server that plays `part` on each connection. An error in it ends the connection.
    pub fn start(part: impl Fn(&mut Line) -> IoResult<()> + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1", part)
    }

    /// The same at an address of this machine.
    pub fn on(address: &str, part: impl Fn(&mut Line) -> IoResult<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (notes, part) = (Arc::clone(&heard), Arc::new(part));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                notes.lock().expect("the notes").connections += 1;
                let (heard, part) = (Arc::clone(&notes), Arc::clone(&part));
                std::thread::spawn(move || {
                    let timed = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_nodelay(true));
                    let mut line = Line { tcp: Some(stream), tls: None, heard };
                    // Then whatever else comes is heard, until the other side has gone.
                    timed.and_then(|()| part(&mut line)).and_then(|()| line.hear_to_the_end())
                });
            }
        });
        Self { port, heard }
    }

    /// What was heard so far.
    pub fn heard(&self) -> Heard {
        self.heard.lock().expect("the notes").clone()
    }
}

impl Line {
    /// Says this.
    pub fn say(&mut self, text: &str) -> IoResult<()> {
        match (&mut self.tls, &mut self.tcp) {
            (Some(tls), _) => tls.write_all(text.as_bytes()).and_then(|()| tls.flush()),
            (None, Some(tcp)) => tcp.write_all(text.as_bytes()),
            (None, None) => Ok(()),
        }
    }

    /// Hears a line, with its end; an empty one: the other side has gone.
    pub fn line(&mut self) -> IoResult<String> {
        let mut line = Vec::new();
        let mut octet = [0];
        while !line.ends_with(b"\n") {
            if self.take(&mut octet)? == 0 {
                break;
            }
            line.extend_from_slice(&octet);
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Hears so many octets.
    pub fn hear(&mut self, octets: &mut [u8]) -> IoResult<()> {
        for octet in octets {
            self.take(std::slice::from_mut(octet))?;
        }
        Ok(())
    }

    /// Waits until something comes in clear, and leaves it there.
    pub fn peek(&mut self, octets: &mut [u8]) -> IoResult<()> {
        self.tcp.as_ref().map_or(Ok(0), |tcp| tcp.peek(octets)).map(drop)
    }

    /// Answers an IMAP command: `TAG` stands for its tag. Gives the command.
    pub fn answer(&mut self, text: &str) -> IoResult<String> {
        let line = self.line()?;
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        self.say(&text.replace("TAG", tag))?;
        Ok(command.to_owned())
    }

    /// Shakes hands with this certificate.
    pub fn shake_hands(&mut self, certificate: &Path) -> IoResult<()> {
        let Some(tcp) = self.tcp.take() else { return Ok(()) };
        let mut tls = StreamOwned::new(server(certificate), tcp);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock)?;
        }
        self.tls = Some(tls);
        Ok(())
    }

    fn hear_to_the_end(&mut self) -> IoResult<()> {
        let mut octets = [0; 4096];
        while self.take(&mut octets)? > 0 {}
        Ok(())
    }

    fn take(&mut self, octets: &mut [u8]) -> IoResult<usize> {
        let (count, is_protected) = match (&mut self.tls, &mut self.tcp) {
            (Some(tls), _) => (tls.read(octets)?, true),
            (None, Some(tcp)) => (tcp.read(octets)?, false),
            (None, None) => (0, false),
        };
        let mut heard = self.heard.lock().expect("the notes");
        let kept = if is_protected { &mut heard.protected } else { &mut heard.clear };
        kept.extend_from_slice(&octets[..count]);
        Ok(count)
    }
}

fn server(certificate: &Path) -> ServerConnection {
    let chain = CertificateDer::pem_file_iter(certificate).expect("a certificate").flatten().collect();
    let key = PrivateKeyDer::from_pem_file(&certificates().server_key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate that fits its key");
    ServerConnection::new(Arc::new(config)).expect("a connection")
}
