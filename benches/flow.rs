//! The whole way of mail, as an operator meets it: the real binary as a process of its own, a real Dovecot, SMTP.
//! `cargo bench --bench flow` prints a table, each figure beside the limit of this machine that was measured in the same
//! run; `MAILCLERK_FIGURES=FILE` gets the same as JSON.
//!
//! `MAILCLERK_BACKLOG` says how many messages the backlog has (20000). Nothing is asserted: figures are for people.

#[path = "flow/backlog.rs"]
mod backlog;
#[path = "flow/figures.rs"]
mod figures;
#[path = "flow/latency.rs"]
mod latency;
#[path = "flow/limits.rs"]
mod limits;
#[path = "flow/process.rs"]
mod process;
#[path = "flow/sink.rs"]
mod sink;
#[path = "../tests/it/support/mod.rs"]
#[allow(dead_code, reason = "the tests' servers, of which a benchmark needs a part")]
mod support;

use figures::Figures;

fn main() {
    let messages = std::env::var("MAILCLERK_BACKLOG").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let mut figures = Figures::default();
    let parts = std::env::var("MAILCLERK_FLOW").unwrap_or_else(|_| "limits backlog copies latency".to_owned());
    let has = |part: &str| parts.split(' ').any(|one| one == part);
    if has("limits") {
        limits::measure(&mut figures, messages.min(20_000));
    }
    if has("backlog") {
        backlog::measure(&mut figures, "backlog", messages, "none");
    }
    if has("copies") {
        backlog::measure(&mut figures, "backlog with copies in Sent", messages.min(20_000) / 4, "append");
    }
    if has("latency") {
        latency::on_a_quiet_machine(&mut figures);
        latency::beside_a_backlog(&mut figures, messages);
    }
    figures.print();
}
