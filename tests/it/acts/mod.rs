//! What staff do in the console: the same as by mail, all or nothing, once.

mod by_mail_or_here;
mod corrections;
#[cfg(feature = "faults")]
mod killed;
mod once;
mod refused;

use super::support::rehearsal::{ANN, Rehearsal, request};
use uuid::Uuid;

const MONDAY: &str = "2026-11-02T15:15:00Z";
const TUESDAY: &str = "2026-11-03T14:00:00Z";
const LATER: &str = "2026-11-03T16:30:00Z";

/// A form's id.
fn form(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// A desk with one case of `agent` that Ann got on Tuesday, and its number.
async fn desk_of(mut desk: Rehearsal, agent: &str) -> (Rehearsal, String) {
    desk.deliver(&request(agent, "one@agency.example", "Jane Smith", "North", "The new card never arrived at all"));
    desk.run(MONDAY).await;
    desk.run(TUESDAY).await;
    let number = desk.numbers().await.pop().expect("a case");
    assert_eq!(desk.case(&number).await.specialist.map(|one| one.to_string()).as_deref(), Some(ANN));
    desk.run(LATER).await;
    (desk, number)
}
