//! Whether a requester asks for a supervisor, by the phrases of the desk's ladder.

use super::{Phrases, Told};
use crate::desk::Desk;

/// Whether `told` asks for one.
pub fn asks_for_supervisor(desk: &Desk, told: Told<'_>) -> bool {
    if desk.ladder.ask.is_empty() {
        return false;
    }
    let phrases = Phrases::of(desk);
    let asks = |text: &str| phrases.read(text).iter().any(|said| !said.heard(&phrases.supervisor).is_empty());
    asks(told.subject) || asks(told.body)
}
