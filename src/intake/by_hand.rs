//! A mail in the desk's own Sent folder: a copy of ours, an answer that a person gave by hand, or neither.
//!
//! Whoever opens the shared mailbox may answer there; the copy in the Sent folder is then the only sign of it. It is
//! judged by rules of its own, never by those for mail that comes in: nothing is asked for in it, and nobody is answered.

use super::{complete, read, same, threads};
use crate::address::EmailAddress;
use crate::case::PendingState;
use crate::case::standing::{Standing, Target};
use crate::desk::Desk;
use crate::message::Message;
use crate::words::keys::Keys;
use crate::words::{Automatic, Decision, Reason, ReasonCode, Trace, token};

/// Of those to whom a mail went, this many are looked at; an answer has few.
pub const MOST_ADDRESSEES: usize = 10;

/// What was decided about a mail of the Sent folder.
#[derive(Clone, Debug, PartialEq)]
pub struct SentJudgement {
    /// `attach` for an answer given by hand, else `ignore`.
    pub decision: Decision,
    /// Why it is ignored, where a code says it; the trace says it in any case.
    pub reasons: Vec<Reason>,
    /// What kind of machine wrote it.
    pub automatic: Option<Automatic>,
    /// What it answers.
    pub answers: Option<Target>,
    /// Which rules were tried.
    pub trace: Trace,
}

/// Whether `message` is a copy of a mail that this program wrote, as its own header or Message-ID show.
pub fn is_copy_of_ours(desk: &Desk, keys: &Keys, message: &Message) -> bool {
    let has_token = |id: &String| token::read(keys, &desk.id, &desk.numbering, id).is_some();
    message.machine.ours || message.message_id.as_ref().is_some_and(has_token)
}

/// To whom the mail went, the desk itself left out.
pub fn addressees(desk: &Desk, message: &Message) -> Vec<EmailAddress> {
    let mut all: Vec<EmailAddress> = Vec::new();
    for address in message.to.iter().chain(&message.cc).map(|mailbox| &mailbox.address) {
        if all.len() < MOST_ADDRESSEES && !desk.is_own_address(address) && !all.contains(address) {
            all.push(address.clone());
        }
    }
    all
}

/// What the rules read.
struct Facts<'a> {
    desk: &'a Desk,
    keys: &'a Keys,
    message: &'a Message,
    standing: &'a Standing,
    addressees: Vec<EmailAddress>,
    was_seen: bool,
}

/// What a rule gives: what the mail answers, or why it is ignored. `Err`: why the rule does not apply.
type Outcome = Result<Verdict, String>;

enum Verdict {
    Answers(Target, String),
    Ignored(Option<ReasonCode>, String),
}

type Rule = (&'static str, fn(&Facts<'_>) -> Outcome);

/// The rules in their order: the first that gives a verdict decides.
const RULES: &[Rule] = &[
    ("unparsable", unparsable),
    ("seen before", seen_before),
    ("own mail", own_mail),
    ("machine", machine),
    ("from the desk", from_the_desk),
    ("in the thread", in_the_thread),
    ("by the subject", by_the_subject),
];

/// Judges `message` of the Sent folder. `standing` holds the cases and pending requests of all its [`addressees`];
/// `was_seen` says that the folder had it before, by its bytes or its Message-ID.
pub fn judge(desk: &Desk, keys: &Keys, message: &Message, standing: &Standing, was_seen: bool) -> SentJudgement {
    let facts = Facts { desk, keys, message, standing, addressees: addressees(desk, message), was_seen };
    let mut trace = Trace::default();
    for (name, rule) in RULES {
        match rule(&facts) {
            Ok(Verdict::Answers(target, note)) => {
                trace.note(name, true, note);
                let (decision, answers) = (Decision::Attach, Some(target));
                return SentJudgement { decision, reasons: Vec::new(), automatic: None, answers, trace };
            }
            Ok(Verdict::Ignored(code, note)) => {
                trace.note(name, true, note);
                return ignored(code, &facts, trace);
            }
            Err(why_not) => trace.note(name, false, why_not),
        }
    }
    ignored(None, &facts, trace)
}

fn ignored(code: Option<ReasonCode>, facts: &Facts<'_>, trace: Trace) -> SentJudgement {
    let automatic = match code {
        Some(ReasonCode::OwnMail) => Some(Automatic::Own),
        Some(ReasonCode::Automatic) => Some(kind_of_machine(facts.message)),
        _ => None,
    };
    let reasons = code.map(Reason::of).into_iter().collect();
    SentJudgement { decision: Decision::Ignore, reasons, automatic, answers: None, trace }
}

fn unparsable(facts: &Facts<'_>) -> Outcome {
    match &facts.message.unparsable {
        Some(why) => Ok(Verdict::Ignored(Some(ReasonCode::Unparsable), why.clone())),
        None => Err("it was read as a mail".into()),
    }
}

fn seen_before(facts: &Facts<'_>) -> Outcome {
    if facts.was_seen {
        return Ok(Verdict::Ignored(Some(ReasonCode::SeenBefore), "the Sent folder had it before".into()));
    }
    Err("the Sent folder did not have it before".into())
}

fn own_mail(facts: &Facts<'_>) -> Outcome {
    if facts.standing.is_our_mail || is_copy_of_ours(facts.desk, facts.keys, facts.message) {
        return Ok(Verdict::Ignored(Some(ReasonCode::OwnMail), "a copy of a mail of ours".into()));
    }
    Err("no mail of ours".into())
}

/// The mailbox's own out-of-office, a read receipt, an invitation's reply: nobody gave an answer.
fn machine(facts: &Facts<'_>) -> Outcome {
    let machine = &facts.message.machine;
    match machine.bounce.or(machine.auto_replied).or(machine.auto_generated) {
        Some(mark) => Ok(Verdict::Ignored(Some(ReasonCode::Automatic), mark.to_owned())),
        None => Err("no mark of a machine".into()),
    }
}

fn kind_of_machine(message: &Message) -> Automatic {
    let machine = &message.machine;
    match (machine.bounce, machine.auto_replied) {
        (Some(_), _) => Automatic::Bounce,
        (None, Some(_)) => Automatic::AutoReplied,
        (None, None) => Automatic::AutoGenerated,
    }
}

fn from_the_desk(facts: &Facts<'_>) -> Outcome {
    match facts.message.author() {
        Some(author) if facts.desk.is_own_address(&author.address) => Err("the desk is its author".into()),
        _ => Ok(Verdict::Ignored(None, "its author is not the desk".into())),
    }
}

/// Our tokens and the Message-IDs that are known, newest first, then the tags in the subject; each only where the mail
/// went to somebody who takes part. What went to others, an expert who was asked say, is no answer.
fn in_the_thread(facts: &Facts<'_>) -> Outcome {
    let standing = facts.standing;
    let takes_part =
        |target: &Target| facts.addressees.iter().any(|addressee| threads::participates(standing, *target, addressee));
    let became = |target: &Target| threads::what_became_of(standing, *target);
    let by_ids = standing.by_token.iter().chain(&standing.by_message_id).map(became);
    if let Some(target) = by_ids.clone().find(takes_part) {
        return Ok(Verdict::Answers(target, "in its thread, to somebody who takes part".into()));
    }
    let mut by_tag: Vec<Target> = standing.by_tag.iter().map(became).filter(takes_part).collect();
    by_tag.sort();
    by_tag.dedup();
    match by_tag.as_slice() {
        [one] => Ok(Verdict::Answers(*one, "by the tag in its subject, to somebody who takes part".into())),
        [] if by_ids.count() + standing.by_tag.len() > 0 => {
            Ok(Verdict::Ignored(None, "in a thread, and sent to nobody who takes part in it".into()))
        }
        [] => Err("in no thread that is known".into()),
        _ => Ok(Verdict::Ignored(None, "its subject has the tags of several cases".into())),
    }
}

/// The subject alone, where exactly one unresolved case or open pending request of an addressee has it.
fn by_the_subject(facts: &Facts<'_>) -> Outcome {
    let (desk, standing) = (facts.desk, facts.standing);
    let subject = &facts.message.subject;
    let canonical = complete(desk, &read(desk, facts.message)).canonical_subject.unwrap_or_default();
    let fits = |known: &str| same::same_subject(desk, subject, known) || same::same_subject(desk, &canonical, known);
    let asked = |requester: &EmailAddress| facts.addressees.contains(requester);
    let cases = standing.cases.iter().map(|facts| &facts.case);
    let cases = cases.filter(|case| case.is_open() && asked(&case.requester) && fits(&case.subject));
    let pendings = standing.pendings.iter().map(|facts| &facts.pending);
    let pendings =
        pendings.filter(|one| one.state == PendingState::Open && asked(&one.requester) && fits(&one.subject));
    let fitting: Vec<Target> =
        cases.map(|case| Target::Case(case.id)).chain(pendings.map(|one| Target::Pending(one.id))).collect();
    match fitting.as_slice() {
        [one] => Ok(Verdict::Answers(*one, "by its subject, to the requester".into())),
        [] => Err("no case of an addressee has its subject".into()),
        _ => Err("several cases of its addressees have its subject".into()),
    }
}
