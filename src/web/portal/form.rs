//! A request as a form: its inputs come from the desk's policy, and what was typed becomes the text of a mail with the
//! desk's own labels.

use super::answer::LONGEST_TEXT;
use crate::desk::{Desk, Field, FieldRole};
use crate::web::base::Upload;
use crate::web::base::choices::{choices, is_always_needed, needed_when};
use crate::words::{Reason, ReasonCode};
use minijinja::{Value, context};

/// The longest value of one line.
const LONGEST_VALUE: usize = 300;

/// What an input asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asks<'a> {
    /// One of the desk's lines.
    Line,
    /// The member's family name.
    Last,
    /// The member's given name.
    First,
    /// A field of the desk.
    Field(&'a Field),
    /// Anything, in words.
    Words,
}

/// One input of a form, with what was typed.
#[derive(Clone, Debug)]
pub(super) struct Input<'a> {
    pub(super) asks: Asks<'a>,
    pub(super) value: String,
    pub(super) fault: Option<String>,
    is_required: bool,
}

impl<'a> Input<'a> {
    pub(super) fn new(asks: Asks<'a>, is_required: bool) -> Self {
        Self { asks, value: String::new(), fault: None, is_required }
    }

    /// The name that the browser sends it under.
    pub(super) fn name(&self) -> String {
        match self.asks {
            Asks::Line => "line".to_owned(),
            Asks::Last => "last".to_owned(),
            Asks::First => "first".to_owned(),
            Asks::Field(field) => format!("f.{}", field.id),
            Asks::Words => "words".to_owned(),
        }
    }

    fn is_long(&self) -> bool {
        matches!(self.asks, Asks::Words) || matches!(self.asks, Asks::Field(field) if field.role == FieldRole::Summary)
    }

    /// Takes what was typed, on one line where it is one.
    fn take(&mut self, upload: &Upload) {
        let typed = upload.field(&self.name()).replace("\r\n", "\n");
        self.value = if self.is_long() { typed.trim().to_owned() } else { one_line(&typed) };
    }

    fn shown(&self, desk: &Desk) -> Value {
        let (label, hint) = match self.asks {
            Asks::Line => ("The member's policy".to_owned(), String::new()),
            Asks::Last => ("Member's last name".to_owned(), String::new()),
            Asks::First => ("Member's first name".to_owned(), String::new()),
            Asks::Field(field) => (field.label.clone(), field.hint.clone().unwrap_or_default()),
            Asks::Words => ("Your answer".to_owned(), String::new()),
        };
        let options = match self.asks {
            Asks::Line => desk.lines.iter().map(|line| line.name.clone()).collect(),
            Asks::Field(field) => choices(desk, field),
            Asks::Last | Asks::First | Asks::Words => Vec::new(),
        };
        let kind = match (options.is_empty(), self.is_long()) {
            (false, _) => "choice",
            (true, true) => "long",
            (true, false) => "short",
        };
        let condition = match self.asks {
            Asks::Field(field) => needed_when(desk, field),
            _ => None,
        };
        let hint = [hint, condition.unwrap_or_default()]
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        context! {
            name => self.name(),
            id => self.name().replace('.', "-"),
            label,
            hint,
            kind,
            options,
            value => self.value.clone(),
            is_required => self.is_required,
            fault => self.fault.clone(),
        }
    }
}

/// Text on one line, not too long.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(LONGEST_VALUE).collect()
}

/// A form.
#[derive(Clone, Debug)]
pub(super) struct RequestForm<'a> {
    pub(super) desk: &'a Desk,
    pub(super) inputs: Vec<Input<'a>>,
}

impl<'a> RequestForm<'a> {
    /// All that a new request must and may say.
    pub(super) fn whole(desk: &'a Desk) -> Self {
        let mut inputs: Vec<Input<'a>> = Vec::new();
        if desk.subject.is_template {
            inputs.extend([Asks::Line, Asks::Last, Asks::First].map(|asks| Input::new(asks, true)));
        }
        // The name in a subject fills the member's field; the summary stands last.
        let mut fields: Vec<&Field> = own_fields(desk).collect();
        fields.sort_by_key(|field| field.role == FieldRole::Summary);
        inputs.extend(fields.into_iter().map(|field| Input::new(Asks::Field(field), is_always_needed(desk, field))));
        Self { desk, inputs }
    }

    /// Just what is missing: ids of fields, and codes of reasons, as a pending request keeps them.
    pub(super) fn of_missing(desk: &'a Desk, missing: &[String]) -> Self {
        use ReasonCode::{LineConflict, LineUnknown, MemberMismatch, MemberUnknown, SubjectUnreadable};
        let has = |codes: &[ReasonCode]| missing.iter().any(|word| codes.iter().any(|code| code.as_str() == word));
        let mut inputs = Vec::new();
        if has(&[LineConflict, LineUnknown, SubjectUnreadable]) {
            inputs.push(Input::new(Asks::Line, true));
        }
        let asks_name = has(&[MemberMismatch, MemberUnknown, SubjectUnreadable])
            || desk.field_of(FieldRole::MemberName).is_some_and(|field| missing.contains(&field.id));
        if asks_name && desk.subject.is_template {
            inputs.extend([Asks::Last, Asks::First].map(|asks| Input::new(asks, true)));
        }
        // Of several of which one is enough, none is needed by itself.
        let of_one =
            |field: &Field| desk.one_of.iter().any(|one| missing.contains(&one.id) && one.fields.contains(&field.id));
        // A type that does not fit is chosen anew.
        let wrong_type = has(&[ReasonCode::WrongType]);
        for field in own_fields(desk) {
            if missing.contains(&field.id) || (wrong_type && field.role == FieldRole::Type) {
                inputs.push(Input::new(Asks::Field(field), true));
            } else if of_one(field) {
                inputs.push(Input::new(Asks::Field(field), false));
            }
        }
        if inputs.is_empty() {
            inputs.push(Input::new(Asks::Words, true));
        }
        Self { desk, inputs }
    }

    /// Takes what was typed; gives whether all that must be there is.
    pub(super) fn take(&mut self, upload: &Upload) -> bool {
        let desk = self.desk;
        for input in &mut self.inputs {
            input.take(upload);
            let options: Vec<String> = match input.asks {
                Asks::Line => desk.lines.iter().map(|line| line.name.clone()).collect(),
                Asks::Field(field) => choices(desk, field),
                Asks::Last | Asks::First | Asks::Words => Vec::new(),
            };
            let is_choice = !options.is_empty();
            let is_unknown = is_choice && !options.contains(&input.value);
            if is_unknown {
                input.value.clear();
            }
            input.fault = match (input.is_required, input.value.is_empty() || is_unknown) {
                (true, true) if is_choice => Some("Please choose one.".to_owned()),
                (true, true) => Some("This is needed.".to_owned()),
                _ if input.value.len() > LONGEST_TEXT => Some("This is too long. Please send it as a file.".to_owned()),
                _ => None,
            };
        }
        self.inputs.iter().all(|input| input.fault.is_none())
    }

    /// Marks the inputs that these reasons are about; gives those that are about none.
    pub(super) fn mark(&mut self, reasons: &[Reason]) -> Vec<ReasonCode> {
        let mut others = Vec::new();
        for reason in reasons {
            let desk = self.desk;
            let input = self.inputs.iter_mut().find(|input| is_about(desk, input, reason));
            match input {
                Some(input) => {
                    let is_missing = reason.code == ReasonCode::MissingField;
                    let words =
                        if is_missing { "This is needed." } else { "Please check it: we cannot use what was written." };
                    input.fault = Some(words.to_owned());
                }
                None => others.push(reason.code),
            }
        }
        others
    }

    /// What was typed in the line's input or in those of the name.
    pub(super) fn value(&self, name: &str) -> &str {
        self.inputs.iter().find(|input| input.name() == name).map_or("", |input| input.value.as_str())
    }

    /// The member's name as a subject has it: `Smith, Jane`; empty where it is not asked for.
    pub(super) fn name_in_subject(&self) -> String {
        let (last, first) = (self.value("last").replace(',', " "), self.value("first").replace(',', " "));
        if last.is_empty() { String::new() } else { format!("{last}, {first}") }
    }

    /// What was typed as a mail has it: each value behind its label, the long ones last.
    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        let line = self.value("line");
        if let (Some(label), false) = (self.desk.subject.line_labels.first(), line.is_empty()) {
            lines.push(format!("{label}: {line}"));
        }
        let (last, first) = (self.value("last"), self.value("first"));
        if let (Some(field), false) = (self.desk.field_of(FieldRole::MemberName), last.is_empty()) {
            lines.push(format!("{}: {first} {last}", field.label));
        }
        let mut long = Vec::new();
        for input in self.inputs.iter().filter(|input| !input.value.is_empty()) {
            match input.asks {
                Asks::Field(field) if input.is_long() => long.push(format!("{}: {}", field.label, input.value)),
                Asks::Field(field) => lines.push(format!("{}: {}", field.label, input.value)),
                Asks::Words => long.push(input.value.clone()),
                Asks::Line | Asks::Last | Asks::First => {}
            }
        }
        lines.extend(long);
        lines.join("\n") + "\n"
    }

    /// The subject of a new request: as the template has it, or on a desk that asks nothing of subjects the type.
    pub(super) fn subject(&self) -> String {
        if self.desk.subject.is_template {
            return format!("{} {}", self.name_in_subject(), self.value("line"));
        }
        let kind = self.desk.field_of(FieldRole::Type).map(|field| format!("f.{}", field.id)).unwrap_or_default();
        let kind = self.value(&kind);
        if kind.is_empty() { "Request".to_owned() } else { kind.to_owned() }
    }

    pub(super) fn shown(&self) -> Vec<Value> {
        self.inputs.iter().map(|input| input.shown(self.desk)).collect()
    }
}

/// The fields that have an input of their own: where the subject is a template, its name fills the member's.
fn own_fields(desk: &Desk) -> impl Iterator<Item = &Field> {
    desk.fields.iter().filter(|field| field.role != FieldRole::MemberName || !desk.subject.is_template)
}

fn is_about(desk: &Desk, input: &Input<'_>, reason: &Reason) -> bool {
    use ReasonCode::{LineConflict, LineUnknown, MemberMismatch, MemberUnknown, SubjectUnreadable};
    match input.asks {
        Asks::Line => matches!(reason.code, LineConflict | LineUnknown),
        Asks::Last => {
            matches!(reason.code, MemberMismatch | MemberUnknown | SubjectUnreadable)
        }
        Asks::Field(field) => {
            let named = reason.field.as_deref();
            let of_one = |one: &crate::desk::OneOf| named == Some(one.id.as_str()) && one.fields.contains(&field.id);
            let is_type = field.role == FieldRole::Type && reason.code == ReasonCode::WrongType;
            is_type || named == Some(field.id.as_str()) || desk.one_of.iter().any(of_one)
        }
        Asks::First | Asks::Words => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{OpenedBy, shipped};
    use crate::effects::explained::explain;
    use crate::settings::Trust;
    use crate::words::Decision;

    #[test]
    fn a_desk_with_queues_is_asked_for_type_and_priority_and_for_no_line() {
        let asks = |desk: &Desk| desk.has_queues && desk.field_of(FieldRole::Priority).is_some();
        let desk = shipped::all().expect("desks").into_values().find(asks).expect("a desk with queues");
        let mut form = RequestForm::whole(&desk);
        let kind = desk.types.list.iter().find(|kind| kind.opened_by == OpenedBy::Mail).expect("a type");
        for input in &mut form.inputs {
            let Asks::Field(field) = input.asks else { panic!("nothing is asked of a subject: {input:?}") };
            let choices = choices(&desk, field);
            input.value = match field.role {
                FieldRole::Type => kind.name.clone(),
                FieldRole::MemberName => "Jane Whitfield".to_owned(),
                FieldRole::Summary => "The record does not match what was sent on the first of the month".to_owned(),
                FieldRole::Priority => choices.last().expect("a priority").clone(),
                _ if field.required => "As it stands in our own records".to_owned(),
                _ => String::new(),
            };
            assert!(!matches!(field.role, FieldRole::Type | FieldRole::Priority) || choices.contains(&input.value));
        }
        let (address, subject, text) = (&desk.address, form.subject(), form.text());
        let raw = format!("From: jo@partner.example\r\nTo: {address}\r\nSubject: {subject}\r\n\r\n{text}");
        let judged = explain(&desk, raw.as_bytes(), &Trust::None, false, jiff::Timestamp::UNIX_EPOCH).expect("judged");
        assert_eq!(judged.judgement.decision, Decision::Accept, "{:?}", judged.judgement.reasons);
        assert_eq!(judged.judgement.completeness.kind.as_ref(), Some(&kind.id));
    }

    #[test]
    fn of_several_of_which_one_is_enough_each_is_asked_for_and_none_is_needed() {
        let desks = shipped::all().expect("desks");
        let desk = desks.values().find(|desk| !desk.one_of.is_empty()).expect("a desk");
        let one = desk.one_of.first().expect("one");
        let mut form = RequestForm::of_missing(desk, std::slice::from_ref(&one.id));
        let reason = Reason::field(ReasonCode::MissingField, one.id.clone());
        assert!(form.inputs.len() >= one.fields.len() && form.inputs.iter().all(|input| !input.is_required));
        assert!(form.mark(&[reason]).is_empty());
    }
}
