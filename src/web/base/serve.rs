//! The listener: a bound on connections, on the time to say what is wanted, and on how long a connection lives.

use super::Peer;
use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// The most connections at a time; more wait to be accepted.
const MOST_CONNECTIONS: usize = 512;
/// How long a client may take to send the head of a request, an idle connection included.
const HEAD_WITHIN: Duration = Duration::from_secs(15);
/// How long a connection lives before it is asked to close.
const LIVES: Duration = Duration::from_secs(300);
/// How long a connection that was asked to close may go on.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);
/// How long to wait when no connection can be accepted, for want of files for example.
const PAUSE: Duration = Duration::from_millis(200);

/// A socket that listens.
#[derive(Debug)]
pub struct Listener(TcpListener);

/// Listens at `address`.
///
/// # Errors
///
/// Where it is taken, or not this machine's.
pub async fn bind(address: SocketAddr) -> anyhow::Result<Listener> {
    let failed = || {
        format!(
            "failed to listen for the pages at {address}; is another mailclerk running? `[web] listen` names the place"
        )
    };
    Ok(Listener(TcpListener::bind(address).await.with_context(failed)?))
}

impl Listener {
    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }

    /// Serves until `stop` is cancelled; answers that are being made are finished.
    pub async fn serve(self, routes: Router, stop: CancellationToken) {
        let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = accept(&self.0, &slots) => accepted,
            };
            let Some((stream, peer, slot)) = accepted else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (routes, stop) = (routes.clone(), stop.clone());
            connections.spawn(async move {
                connection(stream, peer, routes, stop).await;
                drop(slot);
            });
        }
        connections.close();
        let _ = tokio::time::timeout(CLOSES_WITHIN, connections.wait()).await;
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    let (stream, peer) = listener.accept().await.ok()?;
    Some((stream, peer, slot))
}

async fn connection(stream: TcpStream, peer: SocketAddr, routes: Router, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let service = routes.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        request.map(Body::new)
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(64 * 1024);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    tokio::select! {
        // Whatever ends a connection is the client's business.
        _ = serving.as_mut() => return,
        () = stop.cancelled() => {}
        () = tokio::time::sleep(LIVES) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(CLOSES_WITHIN, serving).await;
}
