//! Workers that are frozen, as by SIGSTOP, past their leases, and go on later.

use super::{READS_NO_LONGER, Team};
use crate::support::clerk::wait_until;

/// As if the time of the lease with this fence had passed. Only of that one: where this is asked again and again, it
/// would else take the mailbox from who has just taken it over, and give it to nobody.
fn run_out(team: &Team, fence: i64) {
    team.sql(&format!(
        "UPDATE mailbox_readers SET lease_until = clock_timestamp() - interval '1 second' \
         WHERE holder IS NOT NULL AND fence = {fence} RETURNING ''"
    ));
}

#[test]
fn a_reader_that_was_frozen_finds_another_in_its_place() {
    let mut team = Team::new();
    let first = team.worker("first");
    wait_until("it to read", || first.reads());
    let second = team.worker("second");
    for _ in 0..2 {
        let frozen = if first.reads() { &first } else { &second };
        let other = if first.reads() { &second } else { &first };
        team.deliver(10);
        frozen.signal("STOP");
        let fence = team.fence();
        wait_until("the other to read", || {
            run_out(&team, fence);
            other.reads()
        });
        assert!(team.fence() > fence, "it was taken over");
        team.deliver(10);
        // What the frozen one has claimed or leased waits for the end of its presence.
        let lost = frozen.count(READS_NO_LONGER);
        frozen.signal("CONT");
        wait_until("it to notice", || frozen.count(READS_NO_LONGER) > lost);
    }
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.wrong(), Vec::<String>::new());
}

/// It goes on in the very middle: what it had fetched is not its any more.
#[cfg(feature = "faults")]
#[test]
fn a_batch_that_was_fetched_before_a_takeover_is_refused() {
    let mut team = Team::new();
    team.deliver(12);
    let first = team.worker_with("first", &[("MAILCLERK_STOP_AT", "fetched")]);
    wait_until("it to stop", || is_stopped(&first));
    let second = team.worker("second");
    let fence = team.fence();
    wait_until("the other to read", || {
        run_out(&team, fence);
        second.reads()
    });
    wait_until("all to be recorded", || {
        team.sql("SELECT count(*)::text FROM messages") == [Some(team.requests.len().to_string())]
    });
    let cursor = team.sql("SELECT next_uid::text FROM mailboxes");
    first.signal("CONT");
    wait_until("it to notice", || first.count(READS_NO_LONGER) > 0);
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.sql("SELECT next_uid::text FROM mailboxes"), cursor);
    assert_eq!(team.wrong(), Vec::<String>::new());
}

/// Between the commit of the promise and the dot: the dot is not sent, and what others did meanwhile stands.
#[cfg(feature = "faults")]
#[test]
fn a_promise_that_has_become_old_is_not_kept() {
    let mut team = Team::new();
    team.deliver(1);
    let first = team.worker_with("first", &[("MAILCLERK_STOP_AT", "committing")]);
    wait_until("it to stop", || is_stopped(&first));
    let made = std::time::Instant::now();
    // The promise holds for ten seconds.
    wait_until("the promise to become old", || made.elapsed() > std::time::Duration::from_secs(12));
    assert_eq!(team.smtp.taken().len(), 0);
    first.signal("CONT");
    wait_until("it to give the mail up", || team.sql("SELECT state FROM mails") == [Some("deferred".to_owned())]);
    assert!(first.log().contains("a mail did not leave"), "{}", first.log());
    assert_eq!(team.smtp.taken().len(), 0);
    // It is certain that it was not sent, so it is sent later, once.
    team.sql("UPDATE mails SET due_at = now(), retry_at = now() RETURNING ''");
    team.smtp.wait_for(1);
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.wrong(), Vec::<String>::new());
}

/// Frozen when the body is out: others find it dead, and send the mail. What the fence would have kept from being sent a
/// second time is sent by a program that ignores it.
#[cfg(feature = "faults")]
fn sent_by_one_frozen_and_by_another(fault: &str) -> (Team, [super::TeamWorker; 2]) {
    let mut team = Team::new();
    team.deliver(1);
    let first = team.worker_with("first", &[("MAILCLERK_STOP_AT", "begun"), ("MAILCLERK_FAULT", fault)]);
    wait_until("it to stop", || is_stopped(&first));
    let second = team.worker("second");
    wait_until("the other to send", || second.count("mail sent") == 1);
    first.signal("CONT");
    wait_until("it to be back", || first.log().contains("this worker is at work again"));
    (team, [first, second])
}

#[cfg(feature = "faults")]
#[test]
fn a_claim_that_was_lost_while_frozen_is_not_sent() {
    let (mut team, _workers) = sent_by_one_frozen_and_by_another("none");
    team.deliver(1);
    wait_until("all to be done", || team.is_done());
    assert_eq!(team.smtp.taken().len(), 2);
    assert_eq!(team.wrong(), Vec::<String>::new());
}

#[cfg(feature = "faults")]
#[test]
fn to_ignore_the_fence_of_a_claim_is_caught() {
    let (team, _workers) = sent_by_one_frozen_and_by_another("claim_unfenced");
    team.smtp.wait_for(2);
    let wrong = team.wrong();
    assert!(wrong.iter().any(|what| what.contains("was answered 2 times")), "{wrong:?}");
}

/// Frozen when all is decided: what it decided is refused, for another has decided it since. Gives the messages that were
/// decided more than once all the same.
#[cfg(feature = "faults")]
fn decided_by_one_frozen_and_by_another(fault: &str) -> (Team, Vec<Option<String>>) {
    let mut team = Team::new();
    team.deliver(6);
    team.deliver_from_nobody();
    let first = team.worker_with("first", &[("MAILCLERK_STOP_AT", "decided"), ("MAILCLERK_FAULT", fault)]);
    wait_until("it to stop", || is_stopped(&first));
    let second = team.worker("second");
    wait_until("all to be done", || team.is_done());
    first.signal("CONT");
    wait_until("it to be back", || first.log().contains("this worker is at work again"));
    team.deliver(6);
    wait_until("all to be done", || team.is_done());
    drop((first, second));
    let twice = team.sql("SELECT message::text FROM decisions_made GROUP BY message HAVING count(*) > 1");
    (team, twice)
}

#[cfg(feature = "faults")]
#[test]
fn what_was_decided_before_a_takeover_is_refused() {
    let (team, twice) = decided_by_one_frozen_and_by_another("none");
    assert_eq!((team.wrong(), twice), (Vec::<String>::new(), Vec::new()));
}

/// What somebody wrote is known by its author's version as well; what nobody wrote only by the fence.
#[cfg(feature = "faults")]
#[test]
fn to_ignore_the_fence_of_a_decision_is_caught() {
    let (_team, twice) = decided_by_one_frozen_and_by_another("fence_ignored");
    assert!(!twice.is_empty(), "nothing was decided twice");
}

#[cfg(feature = "faults")]
#[test]
fn to_ignore_the_lease_is_caught() {
    let mut team = Team::new();
    let workers = ["a", "b"].map(|name| team.worker_with(name, &[("MAILCLERK_FAULT", "lease_ignored")]));
    wait_until("both to read", || {
        team.deliver(1);
        team.most_sessions() > 1
    });
    drop(workers);
}

#[cfg(feature = "faults")]
fn is_stopped(worker: &super::TeamWorker) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", worker.child.id())).expect("its state");
    status.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
}
