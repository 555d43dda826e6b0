//! The rules, in the order of the list in `decide`. Each gives a verdict, or says why it does not.

use super::{Facts, Verdict, reply_to, verdict_without_limits};
use crate::case::standing::{CaseFacts, Seen, Target};
use crate::case::{Case, LinkRole};
use crate::intake::duplicate::repeated;
use crate::intake::same::is_bare_thanks;
use crate::intake::threads::{self, Found};
use crate::intake::trust::Authentication;
use crate::words::{Automatic, Decision, Reason, ReasonCode};

type Outcome = Result<Verdict, String>;

fn verdict(decision: Decision, code: ReasonCode, note: impl Into<String>) -> Outcome {
    Ok(Verdict::new(decision, vec![Reason::of(code)], note))
}

pub(super) fn unparsable(facts: &Facts<'_>) -> Outcome {
    match &facts.message.unparsable {
        Some(why) => verdict(Decision::Hold, ReasonCode::Unparsable, why.clone()),
        None => Err("it was read as a mail".into()),
    }
}

pub(super) fn seen_or_own(facts: &Facts<'_>) -> Outcome {
    let former = |decision: &Option<Decision>| decision.map_or("nothing yet", Decision::as_str);
    match &facts.context.standing.seen {
        Seen::SameBytes(decision) => {
            return verdict(
                Decision::Ignore,
                ReasonCode::SeenBefore,
                format!("the same bytes were decided: {}", former(decision)),
            );
        }
        Seen::MovedBack(decision) => {
            return verdict(
                Decision::Hold,
                ReasonCode::SeenBefore,
                format!("put back by a person; its former decision: {}", former(decision)),
            );
        }
        Seen::Never | Seen::SameIdOtherBytes => {}
    }
    if facts.automatic == Some(Automatic::Own) {
        return verdict(Decision::Ignore, ReasonCode::OwnMail, "our own mail came back");
    }
    Err("it is new, and not ours".into())
}

pub(super) fn bounce(facts: &Facts<'_>) -> Outcome {
    if facts.automatic != Some(Automatic::Bounce) {
        return Err("it is no delivery report".into());
    }
    let note = facts.message.machine.bounce.unwrap_or("delivery report");
    let verdict = Verdict::new(Decision::Bounce, vec![Reason::of(ReasonCode::Automatic)], note);
    // Only a token whose MAC holds changes anything: an id that merely is known could have been guessed.
    Ok(match facts.context.standing.by_token.first() {
        Some(target) => verdict.belonging(*target, LinkRole::Bounce),
        None => verdict,
    })
}

pub(super) fn trust(facts: &Facts<'_>) -> Outcome {
    if facts.is_staff && !facts.staff_passes {
        let note = format!("claims to be staff; authentication: {:?}", facts.authentication);
        return verdict(Decision::Hold, ReasonCode::UnauthenticatedStaff, note);
    }
    if facts.authentication == Authentication::Fail && is_known_participant(facts) {
        return verdict(
            Decision::Hold,
            ReasonCode::UnauthenticatedParticipant,
            "a participant's address that fails authentication",
        );
    }
    Err("nobody is impersonated as far as can be told".into())
}

/// Whether the author's address is a participant's, of the thread or of any case or pending request that is known.
fn is_known_participant(facts: &Facts<'_>) -> bool {
    let standing = facts.context.standing;
    facts.message.from.iter().map(|mailbox| &mailbox.address).any(|author| {
        standing.cases.iter().any(|facts| facts.case.participants.contains(author))
            || standing.pendings.iter().any(|facts| facts.pending.participants.contains(author))
    })
}

pub(super) fn fits_two(facts: &Facts<'_>) -> Outcome {
    match facts.found {
        Found::Several => verdict(Decision::Hold, ReasonCode::FitsTwoCases, "more than one open case fits"),
        Found::Nothing => Err("it belongs to nothing known".into()),
        Found::One(_, route) => Err(format!("one fits, by {route:?}")),
    }
}

pub(super) fn machine_or_spam(facts: &Facts<'_>) -> Outcome {
    let (code, role) = match (facts.automatic, facts.spam) {
        (Some(_), _) => (ReasonCode::Automatic, LinkRole::Automatic),
        (None, true) => (ReasonCode::Spam, LinkRole::Participant),
        (None, false) => return Err("no mark of a machine or of spam".into()),
    };
    if let Some((target, _)) = facts.target() {
        // To a pending request it may be the answer that completes it: nothing is lost for want of a look.
        let answers = facts.holds_template || facts.completeness.reasons.is_empty();
        if matches!(target, Target::Pending(_)) && answers {
            return verdict(
                Decision::Hold,
                ReasonCode::MachineWithTemplate,
                "marked, and yet it answers what was returned",
            );
        }
        return Ok(
            Verdict::new(Decision::Attach, vec![Reason::of(code)], "it belongs to a thread").belonging(target, role)
        );
    }
    if facts.holds_template {
        return verdict(
            Decision::Hold,
            ReasonCode::MachineWithTemplate,
            "marked, and yet its own words hold the template",
        );
    }
    verdict(Decision::Ignore, code, facts.automatic.map_or("spam", Automatic::as_str))
}

/// Whoever cannot be answered cannot be served by rules: a person looks, and nothing is lost.
pub(super) fn nobody_to_answer(facts: &Facts<'_>) -> Outcome {
    match facts.message.author() {
        Some(_) => Err("it has one author".into()),
        None => verdict(Decision::Hold, ReasonCode::Unparsable, "it has no single author's address to answer"),
    }
}

pub(super) fn sender_limit(facts: &Facts<'_>) -> Outcome {
    if facts.is_staff {
        return Err("mail from staff never counts".into());
    }
    let (sender, limits) = (&facts.context.standing.sender, &facts.desk.limits);
    let hold = |note: &str| verdict(Decision::Hold, ReasonCode::OverReplyLimit, note);
    if sender.messages >= limits.a_sender {
        return hold("more messages in a day than one sender may send");
    }
    if sender.same_words + 1 >= limits.same_words {
        return hold("the same words once too often in a day");
    }
    if facts
        .target()
        .is_some_and(|(target, _)| threads::messages_in_day(facts.context.standing, target) >= limits.a_case)
    {
        return hold("more messages to one case in a day than may be");
    }
    let decision = verdict_without_limits(facts).decision;
    if reply_to(decision).is_none() {
        return Err("within every limit".into());
    }
    // What stands in the thread of a returned request is one matter, whatever its subjects say.
    let in_thread = match facts.target() {
        Some((target @ Target::Pending(_), _)) => threads::messages_in_day(facts.context.standing, target),
        _ => 0,
    };
    if sender.same_subject.max(in_thread) >= limits.same_subject {
        return hold("more automatic replies under one subject in a day than may be");
    }
    let is_sent_back = matches!(decision, Decision::Return | Decision::Redirect | Decision::RejectMixed);
    if is_sent_back && facts.is_answer_of_stranger() && sender.strangers >= limits.same_subject {
        return hold("more answers in a row under other names of one domain to mail of ours than may be sent back");
    }
    if is_sent_back && sender.sent_back >= limits.sent_back {
        return hold("more messages in a row that were sent back one after the other than may be");
    }
    if is_sent_back && sender.domain_sent_back >= limits.domain_sent_back {
        return hold("more messages in a row of one domain that were sent back than may be");
    }
    Err("within every limit".into())
}

pub(super) fn attach(facts: &Facts<'_>) -> Outcome {
    let standing = facts.context.standing;
    if let Some(said) = facts.as_staff {
        let note = if said.answers {
            "a member of staff replies to a request"
        } else {
            "a member of staff writes to the desk"
        };
        let mut verdict = Verdict::new(Decision::Attach, Vec::new(), note);
        verdict.as_staff = true;
        return Ok(match facts.found {
            Found::One(target, _) => verdict.belonging(target, LinkRole::Staff),
            Found::Nothing | Found::Several => verdict,
        });
    }
    if let Some(target @ Target::Case(_)) = facts.stranger_in
        && facts.authentication == Authentication::Pass
        && !facts.external
        && !facts.stands_alone
    {
        let note = "a colleague of the organisation in the case's thread: a note to the specialist";
        return Ok(Verdict::new(Decision::Attach, Vec::new(), note).belonging(target, LinkRole::Internal));
    }
    let Some((target, route)) = facts.target() else { return Err("it belongs to nothing known".into()) };
    let Target::Case(id) = target else { return Err("it completes a pending request: decided again with it".into()) };
    let Some(CaseFacts { case, .. }) = standing.case(id) else { return Err("the case is not at hand".into()) };
    if facts.stands_alone {
        return Err("a complete request of its own in the thread".into());
    }
    let note = format!("belongs to {} by {route:?}", case.number);
    let verdict = Verdict::new(Decision::Attach, Vec::new(), note).belonging(target, LinkRole::Participant);
    Ok(reopening(facts, case, verdict))
}

/// What a reply to a resolved case does: within the window it opens it again, bare thanks excepted; later a new case follows.
pub(super) fn reopening(facts: &Facts<'_>, case: &Case, mut verdict: Verdict) -> Verdict {
    let resolved = (!case.is_open()).then_some(case.resolved_at).flatten();
    let (Some(resolved), Some((_, LinkRole::Participant))) = (resolved, verdict.belongs) else { return verdict };
    if is_bare_thanks(facts.desk, &facts.message.body.visible) {
        return verdict;
    }
    if facts.desk.reopen_until(resolved).is_some_and(|until| facts.context.now <= until) {
        verdict.reopens = true;
        return verdict;
    }
    verdict.note = format!("{}, resolved too long ago to be opened again", verdict.note);
    verdict.decision = Decision::Accept;
    verdict.belongs = None;
    verdict.follows = Some(case.id);
    verdict
}

/// Whether a requester's mail to a case makes more of it: it asks for a supervisor who does not have the case yet, or an
/// inquiry was answered and that did not settle it.
pub(super) fn escalates(facts: &Facts<'_>, verdict: &Verdict) -> bool {
    let (Decision::Attach, Some((Target::Case(id), LinkRole::Participant))) = (verdict.decision, verdict.belongs)
    else {
        return false;
    };
    let Some(CaseFacts { case, .. }) = facts.context.standing.case(id) else { return false };
    let by_requester = facts.message.author().is_some_and(|author| author.address == case.requester);
    if !by_requester || !(case.is_open() || verdict.reopens) {
        return false;
    }
    let is_inquiry = case.course.is_inquiry && facts.desk.ladder.kind.is_some();
    let asks = facts.asks_for_supervisor && (is_inquiry || case.supervisors_step(facts.desk).is_some());
    asks || (is_inquiry && verdict.reopens)
}

pub(super) fn redirect(facts: &Facts<'_>) -> Outcome {
    if facts.asked.topics.is_empty() {
        return Err("nothing out of scope is asked for".into());
    }
    if facts.asked.in_scope {
        return Err(format!("something in scope is asked for besides {}", facts.asked.topics.join(", ")));
    }
    verdict(Decision::Redirect, ReasonCode::OutOfScope, facts.asked.topics.join(", "))
        .map(|verdict| continuing(facts, verdict))
}

/// A type that nobody opens for now goes elsewhere before anything is asked for.
pub(super) fn paused(facts: &Facts<'_>) -> Outcome {
    match facts.completeness.kind.as_deref().filter(|_| facts.completeness.is_paused) {
        Some(kind) => {
            verdict(Decision::Redirect, ReasonCode::TypePaused, kind).map(|verdict| continuing(facts, verdict))
        }
        None => Err("no type that is paused".into()),
    }
}

pub(super) fn reject_mixed(facts: &Facts<'_>) -> Outcome {
    let by_words = facts.asked.lines.len() > 1;
    let by_labels = facts.completeness.mixed_by_labels;
    if !by_words && !by_labels {
        return Err("it asks for work on one line at most".into());
    }
    let note = if by_labels { "subject, blocks or labels name both lines" } else { "work on both lines is asked for" };
    verdict(Decision::RejectMixed, ReasonCode::MixedLines, note).map(|verdict| continuing(facts, verdict))
}

pub(super) fn returned(facts: &Facts<'_>) -> Outcome {
    let reasons = facts.completeness.reasons.clone();
    if reasons.is_empty() {
        return Err("nothing is missing".into());
    }
    let note = reasons.iter().map(|reason| match &reason.field {
        Some(field) => format!("{} {field}", reason.code),
        None => reason.code.to_string(),
    });
    let note = note.collect::<Vec<_>>().join(", ");
    Ok(continuing(facts, Verdict::new(Decision::Return, reasons, note)))
}

pub(super) fn duplicate(facts: &Facts<'_>) -> Outcome {
    let known = &facts.completeness;
    let author = facts.requester.as_ref().or(facts.message.author().map(|mailbox| &mailbox.address));
    let case = author
        .and_then(|author| repeated(facts.desk, facts.context.standing, author, known.line.as_ref(), &known.fields));
    let Some(case) = case else { return Err("no open case of theirs asks the same".into()) };
    if !facts.desk.attaches_duplicates {
        return Err(format!("repeats {}, and on this desk every contact is a case of its own", case.case.number));
    }
    let note = format!("repeats {}", case.case.number);
    let mut verdict = continuing(facts, Verdict::new(Decision::Duplicate, Vec::new(), note));
    verdict.repeats = Some(case.case.id);
    Ok(verdict)
}

pub(super) fn accept(facts: &Facts<'_>) -> Outcome {
    Ok(continuing(facts, Verdict::new(Decision::Accept, Vec::new(), "complete, in scope, one line")))
}

/// Keeps the pending request that the message continues with the verdict.
pub(super) fn continuing(facts: &Facts<'_>, verdict: Verdict) -> Verdict {
    match facts.target() {
        Some((target @ Target::Pending(_), _)) => verdict.belonging(target, LinkRole::Participant),
        _ => verdict,
    }
}
