//! Random conversations against a simple model: no clock missed, none kept twice, no mail to the wrong person.
//!
//! A script is some three weeks of a desk: requests of several agents on two lines, replies, returned requests completed,
//! answers, commands, nonsense, forgeries, repetitions, days without the clerk, two workers at once. It is played to the
//! product, in this process, and to a model that was written from the policy's page alone. After each step everything
//! that went out must be what the model owes (instant, recipient, template, case), and each case must stand as the
//! model has it (status, specialist, running clocks). A failure shrinks to few steps.
//!
//! `MAILCLERK_RANDOM=N` plays N scripts that nobody has seen; the default is few, and always the same, so that a change
//! that has nothing to do with them does not fail for what they happen to find.

mod desk;
mod letters;
mod model;
mod play;
mod rules;
mod script;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// Scripts that are played where nothing else is said.
const SCRIPTS: u32 = 24;

/// Beginnings whose weeks hold: the end of daylight saving time and a holiday; Thanksgiving and a closure; a season that
/// begins, and holidays over the new year; its end; the beginning of daylight saving time.
pub const STARTS: [&str; 5] = [
    "2026-10-28T10:15:00-04:00",
    "2026-11-16T07:10:00-05:00",
    "2026-12-09T16:40:00-05:00",
    "2026-12-31T12:00:00-05:00",
    "2027-03-06T12:00:00-05:00",
];

#[test]
fn every_promise_is_kept_once_and_every_mail_goes_to_whom_it_is_for() {
    let wanted: Option<u32> = std::env::var("MAILCLERK_RANDOM").ok().and_then(|n| n.parse().ok());
    let scripts = wanted.unwrap_or(SCRIPTS);
    std::thread::scope(|scope| {
        let halves = [(1, scripts.div_ceil(2)), (2, scripts / 2)].map(|(half, cases)| {
            let seed = wanted.is_none().then_some(half);
            scope.spawn(move || play_some(cases, seed))
        });
        for half in halves {
            if let Err(why) = half.join().unwrap() {
                panic!("{why}");
            }
        }
    });
}

/// A script that once failed: an update due at eight and the assignment of nine, both late.
#[test]
fn what_is_late_is_done_in_the_order_in_which_it_was_due() {
    use script::{How, Order, Script, Step, What};
    let order = Order::NextUpdate { days: 0, afternoon: false };
    let steps = vec![
        Step { wait: 1, how: How::There, what: What::Request { agent: 0, line: 0, complete: true, urgent: false } },
        Step { wait: 439, how: How::There, what: What::ByTag { case: 0, staff: 0, orders: vec![order] } },
        Step { wait: 540, how: How::Away, what: What::Nothing },
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play::play(&Script { start: 2, steps })).unwrap();
}

/// Plays `cases` scripts, those of `seed` where there is one; gives the shortest one that fails, and why.
fn play_some(cases: u32, seed: Option<u8>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let mut runner = match seed {
        Some(seed) => TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])),
        None => TestRunner::new(config),
    };
    let outcome =
        runner.run(&script::scripts(), |script| runtime.block_on(play::play(&script)).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, script)) => {
            let steps: String = script.steps.iter().map(|step| format!("  {step:?}\n")).collect();
            Err(format!("from {} on:\n{steps}{why}", STARTS[script.start]))
        }
        Err(error) => Err(error.to_string()),
    }
}
