//! The part of a policy about escalation: the steps that a case climbs, by which words a requester asks for one, and the
//! stages that show how far a case has come.

use super::groups::Groups;
use super::issue_types::known;
use super::reader::Section;
use super::vocabulary::check_phrase;
use super::{Field, FieldRole, IssueTypes, general, keys};
use crate::address::EmailAddress;
use crate::calendar::Span;
use crate::words::fold::fold;
use toml::Spanned;

/// How a case is escalated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// Phrases by which a requester asks for a supervisor.
    pub ask: Vec<String>,
    /// Phrases that look like it and are not.
    pub except: Vec<String>,
    /// The type that an inquiry without a number becomes once it is escalated.
    pub kind: Option<String>,
    /// The steps, in the order in which they are climbed.
    pub steps: Vec<Step>,
}

/// One step of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its id: `supervisor`.
    pub id: String,
    /// How mails and pages call it.
    pub name: String,
    /// Who is told.
    pub to: StepTo,
    /// After how long on the step before it is taken by itself; `None`: never.
    pub after: Option<Span>,
    /// What the requester is told; Markdown.
    pub tell: Option<String>,
}

/// Who is told of a case on a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepTo {
    /// Whoever works the case. As the first step, it is where every case begins.
    Specialist,
    /// The supervisors of the case's queue.
    Supervisor,
    /// A person or a team with an address.
    Address(EmailAddress),
}

/// A stage of a case, for its page and its mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its id: `number_told`.
    pub id: String,
    /// How mails and pages call it.
    pub name: String,
    /// What of the case makes it done.
    pub done_by: DoneBy,
    /// Whether mails to the requester list it.
    pub told: bool,
}

/// What of a case makes a stage done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// The field with this id is given.
    Given(String),
    /// A supervisor was asked for, or a step behind the first was taken.
    Escalated,
    /// The case is more than an inquiry: it has a number that may be told.
    Opened,
    /// A mail told its requester the number.
    NumberTold,
    /// A mail told its requester until when it is worked on.
    TimeTold,
    /// A member of staff noted a comment in it.
    Commented,
    /// A specialist's answer went to the requester.
    Answered,
    /// It is resolved.
    Resolved,
}

impl Ladder {
    /// The place of the step with this id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id == id)
    }

    /// The place of the step on which every case begins, if there is one.
    pub fn first(&self) -> Option<usize> {
        self.steps.first().filter(|step| step.to == StepTo::Specialist).map(|_| 0)
    }
}

/// `[ladder]` and `[[step]]`.
pub(super) fn ladder(desk: &Section<'_>, types: &IssueTypes, groups: &Groups) -> Ladder {
    let section = desk.table("ladder", &keys::LADDER);
    let phrases = |key: &str| {
        let phrases = section.texts(key);
        for phrase in &phrases {
            check_phrase(&section, key, phrase, groups);
        }
        phrases.iter().map(|phrase| fold(&groups.expand(phrase.get_ref()))).collect::<Vec<_>>()
    };
    let ids: Vec<&str> = types.list.iter().map(|kind| kind.id.as_str()).collect();
    let kind = known(&section, "type", &ids, "type");
    if let Some(kind) = kind.as_ref().and_then(|id| types.get(id)).filter(|kind| !kind.numbered) {
        let reason = format!("`{}` has no numbers, so that nothing escalated could be told one", kind.id);
        section.fault(section.place("type"), "type", reason, "name a type whose cases are numbered");
    }
    let sections = desk.tables("step", &keys::STEP);
    let steps: Vec<Step> = sections.iter().filter_map(step).collect();
    only_once(&sections, "step");
    if desk.has("ladder") && sections.is_empty() {
        let remedy = "add a table [[step]] with id, name and to, or remove [ladder]";
        desk.fault(section.span.clone(), "ladder", "the ladder has no step", remedy);
    }
    let (ask, except) = (phrases("ask"), phrases("except"));
    if !ask.is_empty() && !steps.is_empty() && !steps.iter().any(|step| step.to == StepTo::Supervisor) {
        let remedy = "give one [[step]] to = \"supervisor\", or remove `ask`";
        section.fault(section.place("ask"), "ask", "a supervisor can be asked for, and no step leads to one", remedy);
    }
    Ladder { ask, except, kind, steps }
}

fn step(section: &Section<'_>) -> Option<Step> {
    let (id, name) = (section.id(), section.required_text("name", "\"Supervisor\""));
    let to = section.required_text("to", "\"supervisor\"").and_then(|to| step_to(section, &to));
    Some(Step {
        id: id?.into_inner(),
        name: name?.into_inner(),
        to: to?,
        after: general::span(section, "after"),
        tell: section.prose("tell").map(Spanned::into_inner),
    })
}

fn step_to(section: &Section<'_>, to: &Spanned<String>) -> Option<StepTo> {
    const KNOWN: &[&str] = &["specialist", "supervisor"];
    match to.get_ref().as_str() {
        "specialist" => Some(StepTo::Specialist),
        "supervisor" => Some(StepTo::Supervisor),
        text if text.contains('@') => section.address("to").map(|address| StepTo::Address(address.into_inner())),
        text => {
            let near = crate::strict::suggestion(text, KNOWN);
            let reason = format!("`{text}` is neither `specialist` nor `supervisor` nor an address");
            section.fault(to.span(), "to", reason, near);
            None
        }
    }
}

/// `[[stage]]`
pub(super) fn stages(desk: &Section<'_>, fields: &[Field]) -> Vec<Stage> {
    let sections = desk.tables("stage", &keys::STAGE);
    let stages = sections.iter().filter_map(|section| stage(section, fields)).collect();
    only_once(&sections, "stage");
    stages
}

fn stage(section: &Section<'_>, fields: &[Field]) -> Option<Stage> {
    const KNOWN: &[(&str, Option<DoneBy>)] = &[
        ("given", None),
        ("escalated", Some(DoneBy::Escalated)),
        ("opened", Some(DoneBy::Opened)),
        ("number_told", Some(DoneBy::NumberTold)),
        ("time_told", Some(DoneBy::TimeTold)),
        ("commented", Some(DoneBy::Commented)),
        ("answered", Some(DoneBy::Answered)),
        ("resolved", Some(DoneBy::Resolved)),
    ];
    let (id, name) = (section.id(), section.required_text("name", "\"Number told\""));
    if !section.has("done_by") {
        section.missing("done_by", "\"given\"");
    }
    let names: Vec<(&str, usize)> = KNOWN.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
    let place = section.one_of("done_by", &names);
    let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
    let field = known(section, "field", &ids, "field");
    let summary = fields.iter().find(|field| field.role == FieldRole::Summary).map(|field| field.id.clone());
    let given = place.is_some_and(|place| KNOWN.get(place).is_some_and(|(_, done_by)| done_by.is_none()));
    if section.has("field") && !given {
        let reason = "a field is named, and the stage is not done by what is given";
        section.fault(section.place("field"), "field", reason, "write done_by = \"given\", or remove `field`");
    }
    let done_by = match KNOWN.get(place?)?.1.clone() {
        Some(done_by) => done_by,
        None => DoneBy::Given(field.or(summary)?),
    };
    Some(Stage { id: id?.into_inner(), name: name?.into_inner(), done_by, told: section.flag("told").unwrap_or(false) })
}

/// No id stands twice among tables of one kind.
pub(super) fn only_once(sections: &[Section<'_>], what: &str) {
    for (place, section) in sections.iter().enumerate() {
        let Some(id) = section.text("id") else { continue };
        let is_same = |other: &&Section<'_>| other.text("id").is_some_and(|other| other.get_ref() == id.get_ref());
        if sections.iter().take(place).any(|other| is_same(&other)) {
            let reason = format!("the id `{}` belongs to another {what} already", id.get_ref());
            section.fault(id.span(), "id", reason, format!("give each {what} an id of its own"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Desk, parse, shipped};
    use std::path::Path;

    /// A shipped desk with more lines at its end; `Err`: each fault as it is told.
    fn with(more: &str) -> Result<Desk, Vec<String>> {
        let id = shipped::ids().into_iter().find(|id| shipped::desk(id).is_ok_and(|desk| !desk.has_queues));
        let text = shipped::text(&id.unwrap()).unwrap();
        let text = format!("{text}\n{more}\n");
        parse("a", Path::new("a.toml"), &text).map_err(|all| all.0.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn steps_and_stages_are_read_in_their_order() {
        let desk = with(
            "[ladder]\nask = [\"speak|talk * supervisor\"]\n\
             [[step]]\nid = \"first\"\nname = \"First\"\nto = \"specialist\"\n\
             [[step]]\nid = \"second\"\nname = \"Second\"\nto = \"supervisor\"\nafter = \"2 business days\"\n\
             [[step]]\nid = \"third\"\nname = \"Third\"\nto = \"team@example.com\"\ntell = \"It takes longer.\"\n\
             [[stage]]\nid = \"a\"\nname = \"A\"\ndone_by = \"given\"\n\
             [[stage]]\nid = \"b\"\nname = \"B\"\ndone_by = \"number_told\"\ntold = true\n",
        )
        .unwrap();
        let ladder = &desk.ladder;
        assert_eq!(ladder.steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), ["first", "second", "third"]);
        assert_eq!((ladder.first(), ladder.place("third")), (Some(0), Some(2)));
        assert_eq!(ladder.steps[1].after, Some(Span::business_days(2)));
        assert!(matches!(&ladder.steps[2].to, StepTo::Address(to) if to.to_string() == "team@example.com"));
        let summary = desk.field_of(FieldRole::Summary).unwrap().id.clone();
        assert_eq!(desk.stages[0].done_by, DoneBy::Given(summary));
        assert!(!desk.stages[0].told && desk.stages[1].told);
    }

    #[test]
    fn what_is_wrong_is_told_with_the_nearest() {
        let step = "[[step]]\nid = \"one\"\nname = \"One\"\n";
        for (more, told) in [
            (format!("{step}to = \"supervisr\""), "supervisor"),
            (format!("{step}to = \"supervisor\"\nafer = \"1 business day\""), "`after`"),
            (format!("{step}to = \"supervisor\"\n{step}to = \"specialist\""), "another step"),
            ("[ladder]\nask = [\"manager\"]".to_owned(), "no step"),
            (format!("[ladder]\nask = [\"manager\"]\n{step}to = \"specialist\""), "leads to one"),
            (format!("[ladder]\ntype = \"nonsense\"\n{step}to = \"specialist\""), "no type"),
            ("[[stage]]\nid = \"a\"\nname = \"A\"\ndone_by = \"numbr_told\"".to_owned(), "number_told"),
            ("[[stage]]\nid = \"a\"\nname = \"A\"\ndone_by = \"opened\"\nfield = \"x\"".to_owned(), "field"),
            ("[[list]]\nid = \"a\"\nname = \"A\"\nadress = \"a@example.com\"".to_owned(), "`address`"),
        ] {
            let faults = with(&more).unwrap_err().join("\n");
            assert!(faults.contains(told), "{more}: {faults}");
        }
    }
}
