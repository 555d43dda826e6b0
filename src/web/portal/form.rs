//! A request as a form: its inputs come from the desk's policy, and what was typed becomes the text of a mail with the
//! desk's own labels.

use super::answer::LONGEST_TEXT;
use crate::desk::{Desk, Field, FieldRole};
use crate::web::base::Upload;
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
        let options: Vec<String> = desk.lines.iter().map(|line| line.name.clone()).collect();
        context! {
            name => self.name(),
            id => self.name().replace('.', "-"),
            label,
            hint,
            kind => if matches!(self.asks, Asks::Line) { "line" } else if self.is_long() { "long" } else { "short" },
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
        let mut inputs: Vec<_> = [Asks::Line, Asks::Last, Asks::First].map(|asks| Input::new(asks, true)).into();
        // The name in the subject fills the member's field; the summary stands last.
        let mut fields: Vec<&Field> = desk.fields.iter().filter(|field| field.role != FieldRole::MemberName).collect();
        fields.sort_by_key(|field| field.role == FieldRole::Summary);
        inputs.extend(fields.into_iter().map(|field| Input::new(Asks::Field(field), field.required)));
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
        if asks_name {
            inputs.extend([Asks::Last, Asks::First].map(|asks| Input::new(asks, true)));
        }
        let fields = desk.fields.iter().filter(|field| field.role != FieldRole::MemberName);
        let fields = fields.filter(|field| missing.contains(&field.id));
        inputs.extend(fields.map(|field| Input::new(Asks::Field(field), true)));
        if inputs.is_empty() {
            inputs.push(Input::new(Asks::Words, true));
        }
        Self { desk, inputs }
    }

    /// Takes what was typed; gives whether all that must be there is.
    pub(super) fn take(&mut self, upload: &Upload) -> bool {
        let lines = &self.desk.lines;
        for input in &mut self.inputs {
            input.take(upload);
            let is_line = matches!(input.asks, Asks::Line);
            let is_unknown = is_line && !lines.iter().any(|line| line.name == input.value);
            input.fault = match (input.is_required, input.value.is_empty() || is_unknown) {
                (true, true) if is_line => Some("Please choose one.".to_owned()),
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
            let input = self.inputs.iter_mut().find(|input| is_about(input, reason));
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

    pub(super) fn shown(&self) -> Vec<Value> {
        self.inputs.iter().map(|input| input.shown(self.desk)).collect()
    }
}

fn is_about(input: &Input<'_>, reason: &Reason) -> bool {
    use ReasonCode::{LineConflict, LineUnknown, MemberMismatch, MemberUnknown, SubjectUnreadable};
    match input.asks {
        Asks::Line => matches!(reason.code, LineConflict | LineUnknown),
        Asks::Last => {
            matches!(reason.code, MemberMismatch | MemberUnknown | SubjectUnreadable)
        }
        Asks::Field(field) => reason.field.as_deref() == Some(field.id.as_str()),
        Asks::First | Asks::Words => false,
    }
}
