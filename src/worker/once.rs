//! `run --once`: all that is there and due, in the order of its instants, then an end.

use super::judge::Judged;
use super::{OpenMailbox, Worker};
use jiff::Timestamp;

/// What one run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Done {
    /// Messages read into the store.
    pub received: usize,
    /// Messages decided.
    pub decided: usize,
    /// The same, one by one.
    #[serde(skip)]
    pub judged: Vec<Judged>,
    /// Clocks handled.
    pub due: usize,
    /// Mails that left.
    pub sent: usize,
    /// Mails that did not leave yet, or never will.
    pub not_sent: usize,
    /// Older mails left where they are.
    pub left: u64,
}

impl Worker {
    /// Rehearses up to `until` (a rehearsal clock is moved to each due instant in turn), or handles what is due now;
    /// then receives, decides, files and sends what is there.
    pub async fn once(&self, mailboxes: &mut [OpenMailbox], until: Option<Timestamp>) -> anyhow::Result<Done> {
        let mut done = Done::default();
        self.warm_up();
        self.be_present().await?;
        self.recover().await?;
        self.start_digests(until.unwrap_or_else(|| self.clock.now())).await?;
        self.index_older_cases().await?;
        if let Some(until) = until {
            self.rehearse(mailboxes, until, &mut done).await?;
            self.clock.advance_to(until);
            // Time has gone by: what waited for evidence may be decided now.
            self.recover().await?;
        }
        while self.read_and_judge(mailboxes, &mut done).await? {
            // Much mail is answered while it is read.
            let dispatched = self.dispatch().await?;
            done.sent += dispatched.sent;
            done.not_sent += dispatched.handled() - dispatched.sent;
        }
        self.tick_and_send(mailboxes, &mut done).await?;
        self.release_readers().await;
        Ok(done)
    }

    /// Moves the clock to each instant before `until` at which something is due, in turn, and does it.
    async fn rehearse(&self, mailboxes: &mut [OpenMailbox], until: Timestamp, done: &mut Done) -> anyhow::Result<()> {
        let mut asks = true;
        loop {
            let checkpoint = if asks { self.store.next_checkpoint().await? } else { None };
            let due = self.store.next_due(super::tick::HANDLED).await?;
            let Some(next) = [checkpoint, due].into_iter().flatten().min().filter(|next| *next < until) else {
                return Ok(());
            };
            let before = (done.due, done.sent + done.not_sent);
            self.clock.advance_to(next);
            let for_checkpoint = checkpoint == Some(next);
            // One that was due and could not be written would be the next one for ever.
            asks = !for_checkpoint || self.write_checkpoint().await?;
            self.tick_and_send(mailboxes, done).await?;
            if !for_checkpoint && (done.due, done.sent + done.not_sent) == before {
                return Ok(());
            }
        }
    }

    /// Reads a part of each mailbox, decides all that was read and files it; gives whether a mailbox has more.
    async fn read_and_judge(&self, mailboxes: &mut [OpenMailbox], done: &mut Done) -> anyhow::Result<bool> {
        let mut more = false;
        for open in mailboxes.iter_mut() {
            let received = self.receive_some(open).await?;
            done.received += received.new;
            done.left += received.left;
            more |= received.more;
            self.receive_all_sent(open).await;
            self.learn_replaced_ids(open).await;
        }
        self.refresh_absences().await?;
        for desk in self.desks.all() {
            let judged = self.judge(&desk).await?;
            done.decided += judged.len();
            done.judged.extend(judged);
        }
        for open in mailboxes.iter_mut() {
            self.file(open).await?;
        }
        Ok(more)
    }

    async fn tick_and_send(&self, mailboxes: &mut [OpenMailbox], done: &mut Done) -> anyhow::Result<()> {
        done.due += self.tick().await?;
        let dispatched = self.dispatch().await?;
        done.sent += dispatched.sent;
        done.not_sent += dispatched.handled() - dispatched.sent;
        self.deliver_alarms().await?;
        for open in mailboxes {
            self.keep_sent_copies(open).await?;
        }
        Ok(())
    }
}
