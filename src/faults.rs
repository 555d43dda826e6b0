//! Places where a test may stop the process, and wrong orders that a test must catch.
//!
//! Without the feature `faults` every function here is empty or `false`: no installed build can be made to fail by its
//! environment. With it, `MAILCLERK_CRASH_AT=name` or `name:N` ends the process at the N-th passing of that point
//! without any clean-up, `MAILCLERK_PANIC_AT` likewise makes the step panic there, and `MAILCLERK_FAULT=name` turns on the wrong order of that name.

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
        assert!(!is_reached(name, "MAILCLERK_PANIC_AT"), "a test asked for a panic at {name}");
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
