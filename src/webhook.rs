//! A call to a webhook: one POST of JSON over TLS that verifies the name, or over loopback.
//!
//! hyper and tokio-rustls are in the program anyway, with the same rules of trust as every other server: so no HTTP client
//! of another make, with rules of its own, is needed. Redirects are not followed: the secret goes to the named host alone.

use crate::tls;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long one call may take in all.
const DEADLINE: Duration = Duration::from_secs(30);
/// How much of an answer is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// Where to call.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Path and query.
    pub path: String,
    /// Whether the call goes over TLS; without it, to loopback only.
    pub tls: bool,
    /// A private CA in PEM.
    pub ca_file: Option<PathBuf>,
    /// Sent as `Authorization: Bearer …`.
    pub secret: Option<SecretString>,
}

/// Why a call failed. Holds nothing of what was sent or answered but the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The settings or certificates cannot be used.
    #[error("failed to call the webhook: {0}")]
    Unusable(&'static str),
    /// The connection failed or was lost.
    #[error("failed to call the webhook: the connection failed")]
    Lost,
    /// It took too long.
    #[error("failed to call the webhook: no answer in time")]
    Deadline,
    /// The server did not take it.
    #[error("failed to call the webhook: it answered with status {0}")]
    Status(u16),
}

impl Webhook {
    /// Posts `body`, which is JSON. Any status of 200 to 299 is success.
    ///
    /// # Errors
    ///
    /// It was not taken, as far as can be told.
    pub async fn post(&self, body: &str) -> Result<(), WebhookError> {
        timeout(DEADLINE, self.call(Method::POST, body)).await.map_err(|_| WebhookError::Deadline)?
    }

    /// Connects, and over TLS shakes hands, without sending anything.
    ///
    /// # Errors
    ///
    /// What a call would fail with now.
    pub async fn check(&self) -> Result<(), WebhookError> {
        let look = async {
            let stream = self.connect().await?;
            if self.tls {
                self.secured(stream).await?;
            }
            Ok(())
        };
        timeout(DEADLINE, look).await.map_err(|_| WebhookError::Deadline)?
    }

    async fn connect(&self) -> Result<TcpStream, WebhookError> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((host, self.port)).await.map_err(|_| WebhookError::Lost)?;
        let is_local = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
        if !self.tls && !is_local {
            return Err(WebhookError::Unusable("without TLS only a webhook on this machine is called"));
        }
        Ok(stream)
    }

    async fn secured(&self, stream: TcpStream) -> Result<tokio_rustls::client::TlsStream<TcpStream>, WebhookError> {
        let config = tls::config(self.ca_file.as_deref())
            .map_err(|_| WebhookError::Unusable("there are no certificates of authorities to verify it by"))?;
        let name = tls::server_name(&self.host).ok_or(WebhookError::Unusable("its host is no name and no address"))?;
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| match tls::failed(&error) {
            tls::Failed::Certificate(why) => WebhookError::Unusable(why),
            tls::Failed::NoTls => WebhookError::Unusable("what answers speaks no TLS"),
            tls::Failed::Unsafe => WebhookError::Unusable("what answers speaks no TLS that is safe"),
            tls::Failed::Lost(_) => WebhookError::Lost,
        })
    }

    async fn call(&self, method: Method, body: &str) -> Result<(), WebhookError> {
        let stream = self.connect().await?;
        if self.tls {
            let stream = self.secured(stream).await?;
            self.exchange(stream, method, body).await
        } else {
            self.exchange(stream, method, body).await
        }
    }

    async fn exchange<S>(&self, stream: S, method: Method, body: &str) -> Result<(), WebhookError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| WebhookError::Lost)?;
        let driver = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(&self.path)
            .header(HOST, format!("{}:{}", self.host, self.port))
            .header(USER_AGENT, "mailclerk")
            .header(CONNECTION, "close")
            .header(CONTENT_TYPE, "application/json");
        if let Some(secret) = &self.secret {
            request = request.header(AUTHORIZATION, format!("Bearer {}", secret.expose_secret()));
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned())));
        let request = request.map_err(|_| WebhookError::Unusable("its path or secret cannot stand in a request"))?;
        let answer = sender.send_request(request).await.map_err(|_| WebhookError::Lost)?;
        let status = answer.status();
        // Read to its end, as far as it is of a decent length, so that the server is not cut off.
        let _ = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
        driver.abort();
        if status.is_success() { Ok(()) } else { Err(WebhookError::Status(status.as_u16())) }
    }
}
