//! The overlay of a batch is what a read after its commit gives.

use super::world::{DESK, World, address, raw};
use mailclerk::case::standing::{Lookups, Standing, Target};
use mailclerk::case::{Case, LinkRole, Pending, PendingState};
use mailclerk::effects::overlay::overlay;
use mailclerk::effects::{Effects, MailClass, MailState, MessageLink, OutgoingMail, RequesterWrite};
use mailclerk::message::content_hash;
use mailclerk::store::Committed;
use mailclerk::words::numbers::Tag;
use mailclerk::words::{Decision, Status};
use proptest::prelude::*;
use uuid::Uuid;

const PEOPLE: [&str; 3] = ["jo@example.com", "ann@example.com", "bob@example.com"];

/// One message, by small numbers: who wrote it, what is done with it, to which of what there is.
#[derive(Clone, Copy, Debug)]
struct Step {
    author: usize,
    does: usize,
    of: usize,
    alike: usize,
    bit: bool,
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = (0..PEOPLE.len(), 0..8usize, 0..8usize, 0..3usize, any::<bool>());
    proptest::collection::vec(
        step.prop_map(|(author, does, of, alike, bit)| Step { author, does, of, alike, bit }),
        0..most,
    )
}

/// What was written so far, as the next effects build on it.
#[derive(Default)]
struct Model {
    cases: Vec<Case>,
    pendings: Vec<Pending>,
    ids: Vec<String>,
    n: usize,
}

impl Model {
    async fn effects(&mut self, world: &World, step: Step) -> (Effects, (Uuid, i64)) {
        let author = PEOPLE[step.author];
        self.n += 1;
        let (message, fence) = world.leased(&format!("body {}", self.n)).await;
        let mut effects = world.decided(message, author, Decision::Attach);
        let decided = effects.decided.as_mut().expect("decided");
        decided.visible_text = format!("words {}", self.n);
        decided.words_hash = ["", "aa", "bb"][step.alike].into();
        decided.subject_hash = ["cc", "dd", "ee"][step.alike].into();
        decided.gets_reply = step.bit;
        decided.content_hash = Some(content_hash(&raw(&format!("body {}", self.n))));
        decided.message_id = Some(format!("in{}@example.com", self.n));
        self.ids.extend(decided.message_id.clone());
        let mut about = None;
        let link = |target, role| MessageLink { message, target, role };
        match step.does {
            0 => {
                let id = world.opens(&mut effects, &format!("AB-{:06}", self.n), author);
                self.cases.push(Case { version: 1, ..effects.cases[0].clone() });
                about = Some(Target::Case(id));
            }
            1 => {
                let pending = world.pending(&format!("AB-P{:08}", self.n), author);
                about = Some(Target::Pending(pending.id));
                effects.links.push(link(Target::Pending(pending.id), LinkRole::Opened));
                self.pendings.push(Pending { version: 1, ..pending.clone() });
                effects.pendings.push(pending);
            }
            2 | 3 if !self.cases.is_empty() => {
                let at = step.of % self.cases.len();
                let links: Vec<Uuid> = self.cases.first().map(|case| case.id).into_iter().collect();
                let case = &mut self.cases[at];
                let role = [LinkRole::Participant, LinkRole::Stranger, LinkRole::Automatic][step.alike];
                effects.links.push(link(Target::Case(case.id), role));
                if step.does == 3 {
                    case.urgent |= step.bit;
                    case.status = if step.bit { Status::Resolved } else { Status::InReview };
                    case.requester = address(author);
                    case.entries[0].fields.insert("note".into(), format!("given {}", self.n));
                    case.links = links.into_iter().filter(|other| *other != case.id).collect();
                    effects.cases.push(case.clone());
                    case.version += 1;
                }
                about = Some(Target::Case(case.id));
            }
            4 | 5 if !self.pendings.is_empty() => {
                let at = step.of % self.pendings.len();
                effects.links.push(link(Target::Pending(self.pendings[at].id), LinkRole::Participant));
                if step.does == 5 {
                    let opened = world.opens(&mut effects, &format!("AB-{:06}", self.n), author);
                    self.cases.push(Case { version: 1, ..effects.cases[0].clone() });
                    let pending = &mut self.pendings[at];
                    pending.state = if step.bit { PendingState::Completed } else { PendingState::Open };
                    pending.case = Some(opened);
                    effects.pendings.push(pending.clone());
                    pending.version += 1;
                }
            }
            6 => {
                let address = address(PEOPLE[step.of % PEOPLE.len()]);
                effects.requesters.push(RequesterWrite { address, bounced_hard: step.bit });
            }
            _ => {}
        }
        let class = [MailClass::Automatic, MailClass::Staff, MailClass::Automatic][step.alike];
        let state = if step.bit { MailState::Queued } else { MailState::Withheld };
        let mail = OutgoingMail { state, ..world.mail(author, class, about) };
        self.ids.push(mail.message_id.clone());
        effects.mails.push(mail);
        (effects, (message, fence))
    }

    /// Asks by a few of what there is.
    fn lookups(&self, world: &World, ask: &[usize], author: usize) -> Lookups {
        let pick = |n: usize, of: usize| (of > 0).then(|| ask[n % ask.len()].wrapping_mul(n + 1) % of.max(1));
        let mut lookups = world.lookups(&format!("body {}", pick(1, self.n + 2).unwrap_or(0)), PEOPLE[author]);
        lookups.message_id = pick(2, self.ids.len()).map(|at| self.ids[at].clone());
        for n in 0..6 {
            lookups.message_ids.extend(pick(n, self.ids.len()).map(|at| self.ids[at].clone()));
        }
        let mut seen = std::collections::HashSet::new();
        lookups.message_ids.retain(|id| seen.insert(id.clone()));
        let case = pick(3, self.cases.len()).map(|at| Tag::Case(self.cases[at].number.clone()));
        let pending = pick(4, self.pendings.len()).map(|at| Tag::Pending(self.pendings[at].token.clone()));
        lookups.tokens.extend(pending.into_iter().chain(case.clone()));
        lookups.tags.extend(case);
        lookups.words_hash = ["", "aa", "bb"][ask[0] % 3].into();
        lookups.subject_hash = ["cc", "dd", "ee"][ask[0] % 3].into();
        lookups
    }
}

/// Cases and pending requests stand in no order.
fn sorted(mut standing: Standing) -> Standing {
    standing.cases.sort_by_key(|facts| facts.case.id);
    standing.pendings.sort_by_key(|facts| facts.pending.id);
    standing
}

/// From the first line on which they differ, a few of each.
fn difference(overlaid: &str, read: &str) -> String {
    let same = overlaid.lines().zip(read.lines()).take_while(|(one, other)| one == other).count();
    let shown = |text: &str| text.lines().skip(same.saturating_sub(12)).take(24).collect::<Vec<_>>().join("\n");
    format!("overlaid, around line {same}:\n{}\nread:\n{}", shown(overlaid), shown(read))
}

/// Whether the overlay could tell all.
async fn compare(world: World, first: &[Step], batch: &[Step], ask: &[usize], author: usize) -> bool {
    let mut model = Model::default();
    for step in first {
        let (effects, fence) = model.effects(&world, *step).await;
        world.write(effects, &[fence]).await;
    }
    let (mut effects, mut fences) = (Vec::new(), Vec::new());
    for step in batch {
        let (one, fence) = model.effects(&world, *step).await;
        effects.push(one);
        fences.push(fence);
    }
    let lookups = model.lookups(&world, ask, author);
    let mut overlaid = world.standing(&lookups).await;
    let is_complete = overlay(&mut overlaid, &lookups, &effects);
    assert!(world.commit(&effects, &fences).await.iter().all(|one| *one == Committed::Written));
    let read = world.store.standing(DESK, &lookups, world.now).await.expect("read");
    if is_complete {
        let (overlaid, read) = (sorted(overlaid), sorted(read));
        assert!(overlaid == read, "{}", difference(&format!("{overlaid:#?}"), &format!("{read:#?}")));
    }
    world.store.close().await;
    is_complete
}

fn check(cases: u32, world: fn() -> std::pin::Pin<Box<dyn Future<Output = World>>>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let complete = std::cell::Cell::new(0);
    let inputs = (steps(8), steps(8), proptest::collection::vec(0..64usize, 1..4), 0..PEOPLE.len());
    let outcome = runner.run(&inputs, |(first, batch, ask, author)| {
        let is_complete = runtime.block_on(async { compare(world().await, &first, &batch, &ask, author).await });
        complete.set(complete.get() + u32::from(is_complete));
        Ok(())
    });
    outcome.expect("the overlay is what is read after the commit");
    assert!(complete.get() * 10 >= cases * 7, "most batches are told whole: {}", complete.get());
}

#[test]
fn overlaid_is_committed_on_sqlite() {
    check(64, || Box::pin(World::sqlite()));
}

#[test]
fn overlaid_is_committed_on_postgres() {
    check(16, || Box::pin(World::postgres()));
}
