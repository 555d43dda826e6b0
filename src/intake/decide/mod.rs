//! The decision about one message: one ordered list of rules, pure, with its trace (POLICY.md, Decisions, Order).

mod facts;
pub mod release;
mod rules;
mod staff;

pub use facts::{Context, Facts};
pub use staff::{AsStaff, answers_by_token, is_yes};

use crate::address::Mailbox;
use crate::case::LinkRole;
use crate::case::standing::Target;
use crate::desk::Desk;
use crate::intake::{Completeness, Request};
use crate::message::Message;
use crate::words::{Automatic, Decision, Reason, Template, Trace, Warning};
use uuid::Uuid;

/// What was decided about one message, and from what.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What was read, together with what its pending thread gave before.
    pub request: Request,
    /// What is known and what is missing of it.
    pub completeness: Completeness,
    /// Out-of-scope topics asked about.
    pub topics: Vec<String>,
    /// What is odd.
    pub warnings: Vec<Warning>,
    /// Whether care is blocked or hours matter.
    pub urgent: bool,
    /// What kind of machine wrote it.
    pub automatic: Option<Automatic>,
    /// Whether it answers mail of ours that went to somebody else.
    pub from_stranger: bool,
    /// Whether the author is external.
    pub external: bool,
    /// The case or pending request that it belongs to, and as what.
    pub belongs: Option<(Target, LinkRole)>,
    /// The open case that it repeats.
    pub repeats: Option<Uuid>,
    /// The resolved case, past its reopen window, from which a new one inherits.
    pub follows: Option<Uuid>,
    /// Whether it opens a resolved case again.
    pub reopens: bool,
    /// It asks for a supervisor.
    pub asks_for_supervisor: bool,
    /// It makes more of the case that it belongs to: a step of the ladder is taken, or an inquiry is a case with a number now.
    pub escalates: bool,
    /// To whom an automatic reply goes: the one author, or where they pass authentication their `Reply-To` of the same
    /// organisational domain.
    pub answer_to: Option<Mailbox>,
    /// The template of the automatic reply; `None`: nothing is sent.
    pub reply: Option<Template>,
    /// The reply is due by the decision but withheld: past the sender's limit, or the address bounced hard.
    pub reply_withheld: bool,
    /// A member of staff wrote it as such.
    pub as_staff: Option<AsStaff>,
    /// Which rules were tried.
    pub trace: Trace,
}

/// What a rule that hits says.
#[derive(Clone, Debug)]
struct Verdict {
    decision: Decision,
    reasons: Vec<Reason>,
    note: String,
    belongs: Option<(Target, LinkRole)>,
    repeats: Option<Uuid>,
    follows: Option<Uuid>,
    reopens: bool,
    as_staff: bool,
}

impl Verdict {
    fn new(decision: Decision, reasons: Vec<Reason>, note: impl Into<String>) -> Self {
        let note = note.into();
        Self { decision, reasons, note, belongs: None, repeats: None, follows: None, reopens: false, as_staff: false }
    }

    fn belonging(mut self, target: Target, role: LinkRole) -> Self {
        self.belongs = Some((target, role));
        self
    }
}

type Rule = (&'static str, fn(&Facts<'_>) -> Result<Verdict, String>);

/// The rules in their order: the first that gives a verdict decides, the others say why they do not.
const RULES: &[Rule] = &[
    ("unparsable", rules::unparsable),
    ("seen before or own mail", rules::seen_or_own),
    ("delivery report", rules::bounce),
    ("trust", rules::trust),
    ("fits two cases", rules::fits_two),
    ("machine or spam", rules::machine_or_spam),
    ("somebody to answer", rules::nobody_to_answer),
    ("sender's limit", rules::sender_limit),
    ("attach", rules::attach),
    ("redirect", rules::redirect),
    ("paused type", rules::paused),
    ("reject mixed", rules::reject_mixed),
    ("return", rules::returned),
    ("duplicate", rules::duplicate),
    ("accept", rules::accept),
];

/// Decides about `message`.
pub fn decide(desk: &Desk, message: &Message, context: &Context<'_>) -> Judgement {
    let facts = Facts::gather(desk, message, context);
    let mut trace = facts.trace.clone();
    let verdict = first_verdict(&facts, RULES, &mut trace);
    conclude(facts, verdict, trace)
}

fn first_verdict(facts: &Facts<'_>, rules: &[Rule], trace: &mut Trace) -> Verdict {
    for (name, rule) in rules {
        match rule(facts) {
            Ok(verdict) => {
                trace.note(name, true, verdict.note.clone());
                return verdict;
            }
            Err(why_not) => trace.note(name, false, why_not),
        }
    }
    // `accept` always gives a verdict; should the list ever end without it, a person looks.
    Verdict::new(Decision::Hold, vec![Reason::of(crate::words::ReasonCode::Unparsable)], "no rule decided")
}

/// The verdict of the rules behind the limits: what would be done if no limit stood in the way.
fn verdict_without_limits(facts: &Facts<'_>) -> Verdict {
    let behind = RULES.iter().position(|(name, _)| *name == "attach").unwrap_or(0);
    first_verdict(facts, &RULES[behind..], &mut Trace::default())
}

fn reply_to(decision: Decision) -> Option<Template> {
    match decision {
        Decision::Accept => Some(Template::Receipt),
        Decision::Return => Some(Template::Return),
        Decision::RejectMixed => Some(Template::RejectMixed),
        Decision::Redirect => Some(Template::Redirect),
        Decision::Duplicate => Some(Template::Duplicate),
        Decision::Bounce | Decision::Ignore | Decision::Hold | Decision::Attach => None,
    }
}

fn conclude(facts: Facts<'_>, verdict: Verdict, trace: Trace) -> Judgement {
    let sender = &facts.context.standing.sender;
    let escalates = rules::escalates(&facts, &verdict);
    let reply = reply_to(verdict.decision).or(escalates.then_some(Template::Escalation));
    let past_limit = !facts.is_staff && sender.replies >= facts.desk.limits.replies;
    let is_noise = matches!(verdict.decision, Decision::Bounce | Decision::Ignore);
    let stranger = facts.stranger_in.filter(|_| !is_noise).map(|target| (target, LinkRole::Stranger));
    let belongs = verdict.belongs.or(stranger);
    let topics = match verdict.decision {
        Decision::Bounce | Decision::Ignore | Decision::Hold => Vec::new(),
        _ => facts.asked.topics.clone(),
    };
    Judgement {
        decision: verdict.decision,
        reasons: verdict.reasons,
        topics,
        warnings: facts.warnings(),
        urgent: facts.urgent,
        automatic: facts.automatic,
        external: facts.external,
        belongs,
        repeats: verdict.repeats,
        follows: verdict.follows,
        reopens: verdict.reopens,
        asks_for_supervisor: facts.asks_for_supervisor,
        escalates,
        answer_to: facts.answer_to(),
        from_stranger: facts.is_answer_of_stranger(),
        reply_withheld: reply.is_some() && (past_limit || sender.bounced_hard),
        reply,
        as_staff: facts.as_staff.filter(|_| verdict.as_staff),
        request: facts.request,
        completeness: facts.completeness,
        trace,
    }
}
