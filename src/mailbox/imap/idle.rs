//! Waiting for news: IDLE (RFC 2177), renewed before servers and firewalls forget us, with polling behind it.

use super::super::Woken;
use super::super::error::MailboxError;
use super::Session;
use super::reply::Verdict;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

const DOING: &str = "wait for new mail";

/// How long one IDLE lasts. Under nine minutes: gateways forget idle connections after ten.
const RENEWED_AFTER: Duration = Duration::from_secs(8 * 60 + 30);

/// Waits until mail is announced, or `timeout` has passed. What was announced since the mailbox was selected counts.
/// `disturbed` ends the wait, too, but not while a command is under way: that would cost the connection.
pub(super) async fn wait(
    session: &mut Session,
    timeout: Duration,
    poll: Duration,
    disturbed: impl Future<Output = ()>,
) -> Result<Woken, MailboxError> {
    let until = Instant::now() + timeout;
    let mut disturbed = std::pin::pin!(disturbed);
    loop {
        if session.wire.news {
            session.wire.end_idle(DOING).await?;
            session.wire.news = false;
            return Ok(Woken::Mail);
        }
        if Instant::now() >= until {
            return Ok(Woken::Timeout);
        }
        if session.idle_refused || !session.capabilities.has("IDLE") {
            ask(session).await?;
            if !session.wire.news {
                tokio::select! {
                    () = sleep_until(until.min(Instant::now() + poll)) => {}
                    () = &mut disturbed => return Ok(Woken::Disturbed),
                }
            }
            continue;
        }
        match session.wire.start_idle(DOING).await? {
            None => {
                tokio::select! {
                    idle = session.wire.idle_until(DOING, until.min(Instant::now() + RENEWED_AFTER)) => idle?,
                    // IDLE is ended by the next command.
                    () = &mut disturbed => return Ok(Woken::Disturbed),
                }
                session.wire.end_idle(DOING).await?;
                // Some servers accept IDLE and never push: the question behind it does.
                if !session.wire.news {
                    ask(session).await?;
                }
            }
            Some(refusal) => {
                tracing::info!(verdict = ?refusal.verdict, "the server announced IDLE and refused it: asking instead");
                session.idle_refused |= refusal.verdict != Verdict::Ok;
            }
        }
    }
}

async fn ask(session: &mut Session) -> Result<(), MailboxError> {
    session.wire.run(DOING, "NOOP", |_| {}).await?.ok(DOING).map(drop)
}
