//! Places where a test may stop the process, and wrong orders that a test must catch.
//!
//! Without the feature `faults` every function here is empty or `false`: no installed build can be made to fail by its
//! environment. With it, `MAILCLERK_CRASH_AT=name` or `name:N` ends the process at the N-th passing of that point
//! without any clean-up, `MAILCLERK_STOP_AT` likewise stops it there until somebody lets it go on (SIGCONT),
//! `MAILCLERK_PANIC_AT` makes the step panic there, and `MAILCLERK_FAULT=name` turns on the wrong order of that name.
//!
//! | wrong order | what it does |
//! | --- | --- |
//! | `send_before_record` | the final dot goes out and `committing` is never written |
//! | `committing_not_written` | `committing` is written and rolled back |
//! | `sent_before_answer` | a mail is noted as sent before the server has taken it |
//! | `uncertain_sent_again` | an automatic mail of unknown fate is queued again |
//! | `requeue_all_on_start` | whatever a dead worker was about to end with a dot is queued again |
//! | `dated_when_sent` | a mail that is sent once more is written anew, with another date |
//! | `lane_order_ignored` | a mail leaves although one before it to the same person waits |
//! | `cursor_before_commit` | the cursor moves before the mail is kept |
//! | `moved_before_kept` | the mailbox is touched before the mail is kept |
//! | `filed_before_moved` | a mail is noted as filed before it is moved |
//! | `raw_not_kept` | a message's row is written without its bytes |
//! | `duplicate_not_seen` | the same bytes again are a new mail |
//! | `stale_commit_written` | what was decided on a stale state is written |
//! | `audit_outside_transaction` | the audit row of a mail's new state has a transaction of its own |
//! | `tick_twice` | a due clock is ended after what it did was committed |
//! | `lease_ignored` | a worker reads a mailbox whose lease it has lost |
//! | `fence_ignored` | what was decided under a lost lease is written |
//! | `claim_unfenced` | a mail whose claim was lost goes out all the same |
//! | `dead_not_looked_for` | what dead workers had in hands waits until their leases run out |

/// The process ends here if a test says so.
#[inline]
pub fn point(name: &'static str) {
    #[cfg(feature = "faults")]
    on::point(name);
    #[cfg(not(feature = "faults"))]
    let _ = name;
}

/// Whether a test asks for the wrong order `name`.
#[inline]
pub fn is_on(name: &'static str) -> bool {
    #[cfg(feature = "faults")]
    return on::is_on(name);
    #[cfg(not(feature = "faults"))]
    {
        let _ = name;
        false
    }
}

/// The step panics here if a test says so for this one thing: `MAILCLERK_FAULT=name:which`.
#[inline]
pub fn point_of(name: &'static str, which: Option<&str>) {
    #[cfg(feature = "faults")]
    on::point_of(name, which);
    #[cfg(not(feature = "faults"))]
    let _ = (name, which);
}

#[cfg(feature = "faults")]
mod on {
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};

    static PASSED: LazyLock<Mutex<HashMap<(&'static str, &'static str), u64>>> = LazyLock::new(Mutex::default);

    pub(super) fn point(name: &'static str) {
        if is_reached(name, "MAILCLERK_CRASH_AT") {
            // As SIGKILL would: nothing is flushed, no destructor runs.
            std::process::abort();
        }
        if is_reached(name, "MAILCLERK_STOP_AT") {
            // Sent to this very thread: of a signal to the process another thread may take notice, and until that one has
            // found a processor, this one would go on.
            let _frozen = std::process::Command::new("kill").args(["-s", "STOP", &own_thread()]).status();
        }
        assert!(!is_reached(name, "MAILCLERK_PANIC_AT"), "a test asked for a panic at {name}");
    }

    /// This thread's number at the kernel, or where that cannot be known, the process's.
    fn own_thread() -> String {
        let place = std::fs::read_link("/proc/thread-self").ok();
        let thread = place.as_deref().and_then(|place| place.file_name()?.to_str());
        thread.map_or_else(|| std::process::id().to_string(), str::to_owned)
    }

    pub(super) fn point_of(name: &'static str, which: Option<&str>) {
        let wanted = std::env::var("MAILCLERK_FAULT").unwrap_or_default();
        let is_meant =
            wanted.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')).is_some_and(|it| which == Some(it));
        assert!(!is_meant, "a test asked for a panic at {name}");
    }

    /// Whether this is the passing of the point that the variable names.
    fn is_reached(name: &'static str, variable: &'static str) -> bool {
        let Ok(wanted) = std::env::var(variable) else { return false };
        let (at, count) = match wanted.split_once(':') {
            Some((at, count)) => (at, count.parse().unwrap_or(1)),
            None => (wanted.as_str(), 1),
        };
        if at != name {
            return false;
        }
        let mut passed = PASSED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let times = passed.entry((name, variable)).or_default();
        *times += 1;
        *times == count
    }

    pub(super) fn is_on(name: &'static str) -> bool {
        std::env::var("MAILCLERK_FAULT").is_ok_and(|fault| fault == name)
    }
}
