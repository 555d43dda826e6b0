//! The network of the whole storm, where `tests/fire` could give it one of its own: it can be taken away.

use std::process::Command;

/// Whether the loopback is ours alone.
pub fn is_ours() -> bool {
    std::env::var_os("FIRE_NETWORK").is_some()
}

/// Takes the loopback away, or brings it back. Nobody is told: what is on its way is lost, and tried again by TCP.
pub fn set(is_up: bool) {
    let state = if is_up { "up" } else { "down" };
    let done = Command::new("ip").args(["link", "set", "lo", state]).status();
    assert!(done.is_ok_and(|status| status.success()), "the loopback cannot be set {state}");
}
