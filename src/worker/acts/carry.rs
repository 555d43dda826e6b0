//! Reading, deciding and committing an act.

use super::compose::written;
use super::{About, Act, Acted, Done, Part, RefusedPart};
use crate::address::EmailAddress;
use crate::case::Case;
use crate::case::commands::{Command, Parsed, Situation, Word, Written, read_all};
use crate::desk::access::{Access, AccountRole};
use crate::desk::{Desk, Role, Staff};
use crate::effects::enclosures::{MOST_BYTES, MOST_FILES};
use crate::effects::of_act::{ActOutcome, of_act};
use crate::effects::of_staff::{StaffMail, StaffTrigger};
use crate::faults;
use crate::message::Message;
use crate::store::{Committed, MessageRow};
use crate::words::numbers::CaseNumber;
use crate::worker::Worker;
use std::sync::Arc;

/// How often an act is decided anew because others changed its case meanwhile.
const TRIES: u32 = 5;
/// Longer words, in bytes, are no answer that a person writes.
const LONGEST_TEXT: usize = 200_000;

/// What an act is about, as it stands.
enum Subject {
    Nothing,
    Case(Box<Case>),
    Message(Box<MessageRow>),
}

impl Worker {
    /// Carries out `act` at `desk` for the account with this `access`, as the same words in a mail would be: whoever
    /// cannot see what it is about finds nothing.
    ///
    /// Whoever is on the desk's staff acts in the role that its policy gives them; an administrator acts as a supervisor.
    ///
    /// # Errors
    ///
    /// The database fails, or a template cannot be rendered; nothing is written then.
    pub async fn act(&self, access: &Access, desk: &str, act: &Act) -> anyhow::Result<Acted> {
        let mut numbers = Vec::new();
        for _ in 0..TRIES {
            if let Some(acted) = self.act_once(access, desk, act, &mut numbers).await? {
                return Ok(acted);
            }
        }
        Ok(Acted::Busy)
    }

    /// `None`: what it was decided from has changed; decide again. `numbers` are kept from one try to the next.
    async fn act_once(
        &self,
        access: &Access,
        desk: &str,
        act: &Act,
        numbers: &mut Vec<CaseNumber>,
    ) -> anyhow::Result<Option<Acted>> {
        self.follow_token_keys().await?;
        self.refresh_absences().await?;
        let Some(desk) = self.desks.get(desk).filter(|desk| access.has_desk(&desk.id)) else {
            return Ok(Some(Acted::NotFound));
        };
        let Some(sender) = acting(access, &desk) else { return Ok(Some(Acted::NotFound)) };
        if self.store.message_state(act.id).await?.is_some() {
            return Ok(Some(Acted::Twice));
        }
        let Some(subject) = self.subject_of(access, &desk, &act.about).await? else {
            return Ok(Some(Acted::NotFound));
        };
        let now = self.clock.now();
        let situation = Situation { desk: &desk, sender: &sender, now };
        let commands = match understood(act, &situation) {
            Ok(commands) => commands,
            Err(refused) => return Ok(Some(Acted::Refused(refused))),
        };
        let case = match &subject {
            Subject::Case(case) => Some(case.as_ref()),
            _ => None,
        };
        let parsed = Parsed::Understood { commands, text: act.text.trim().to_owned() };
        let mut mail = StaffMail { answers: case.is_some(), drops: act.drops, ..StaffMail::bare(sender, parsed) };
        mail.numbers.append(numbers);
        self.look_around(&desk, case, &mut mail).await?;
        // What the account cannot see is not there for it.
        mail.other = mail.other.take().filter(|(other, _)| sees(access, other));
        if let Subject::Message(row) = &subject {
            let other = mail.other.as_ref().map(|(case, _)| case);
            let Some(request) = self.request_of_row(&desk, row.as_ref().clone(), other).await? else {
                let why = "It is decided already, and belongs to a case.";
                return Ok(Some(refused(Part::Whole, why)));
            };
            mail.request = Some(request);
        }
        self.decide_and_commit(&desk, act, &mail, case, numbers).await
    }

    async fn decide_and_commit(
        &self,
        desk: &Arc<Desk>,
        act: &Act,
        mail: &StaffMail,
        case: Option<&Case>,
        numbers: &mut Vec<CaseNumber>,
    ) -> anyhow::Result<Option<Acted>> {
        let now = self.clock.now();
        let written = written(desk, &mail.sender, case, act, now)?;
        let message = Message::read(&written.raw);
        let trigger = StaffTrigger { desk, keys: &self.keys, message: &message, row: act.id, now };
        let outcome = self.with_chance(|chance| of_act(trigger, mail, case, written, chance))?;
        let (effects, outcomes, case) = match outcome {
            ActOutcome::Refused { place, why } => {
                let part = if place < act.commands.len() { Part::Command(place) } else { Part::Whole };
                return Ok(Some(refused(part, &why)));
            }
            ActOutcome::Done { effects, outcomes, case } => (effects, outcomes, case),
        };
        faults::point("act_decided");
        let committed = self.store.commit(std::slice::from_ref(&*effects), &[], now).await?;
        faults::point("act_committed");
        self.clocks_waiting.notify_one();
        if committed.iter().any(|one| matches!(one, Committed::Stale)) {
            numbers.clone_from(&mail.numbers);
            return Ok(None);
        }
        if !effects.absences.is_empty() {
            self.refresh_absences().await?;
        }
        self.mails_waiting.notify_one();
        Ok(Some(Acted::Done(Done { outcomes, case })))
    }

    /// What the act is about; `None`: there is no such thing for this account.
    async fn subject_of(&self, access: &Access, desk: &Desk, about: &About) -> anyhow::Result<Option<Subject>> {
        Ok(match about {
            About::Nothing => Some(Subject::Nothing),
            About::Case(number) => {
                let case = self.store.case_by_number(&desk.id, number).await?;
                case.filter(|case| sees(access, case)).map(|case| Subject::Case(Box::new(case)))
            }
            About::Message(id) => {
                let row = self.store.message_state(*id).await?;
                let is_theirs =
                    |row: &MessageRow| row.desk == desk.id && access.sees(&desk.id, row.line.as_ref(), None);
                let row = row.filter(|row| access.supervises() && is_theirs(row));
                row.map(|row| Subject::Message(Box::new(row)))
            }
        })
    }
}

fn sees(access: &Access, case: &Case) -> bool {
    access.sees(&case.desk, case.line.as_ref(), case.specialist.as_ref())
}

/// As whom the account acts at `desk`.
fn acting(access: &Access, desk: &Desk) -> Option<Staff> {
    let is_admin = access.role == AccountRole::Admin;
    let staff = desk.staff_member(&access.email).cloned();
    let staff = staff.or_else(|| is_admin.then(|| administrator(&access.email)))?;
    Some(if is_admin { Staff { role: Role::Supervisor, ..staff } } else { staff })
}

/// An administrator who is not on the staff: colleagues are told so, and a requester sees the desk's name alone.
fn administrator(email: &EmailAddress) -> Staff {
    Staff {
        name: "An administrator".to_owned(),
        email: email.clone(),
        role: Role::Supervisor,
        lines: Vec::new(),
        deputy_for: Vec::new(),
        absent: Vec::new(),
    }
}

/// The commands of `act`, or what of the form stands in the way.
fn understood(act: &Act, situation: &Situation<'_>) -> Result<Vec<Written>, Vec<RefusedPart>> {
    let mut parts = Vec::new();
    let mut refuse = |part: Part, why: &str| parts.push(RefusedPart { part, why: why.to_owned() });
    let has_words = !act.text.trim().is_empty();
    if !has_words && act.files.is_empty() && act.commands.is_empty() && !act.drops {
        refuse(Part::Text, "Nothing is written here yet.");
    }
    if act.text.len() > LONGEST_TEXT {
        refuse(Part::Text, "The text is too long for one mail: put it into a file.");
    }
    let bytes: usize = act.files.iter().map(|file| file.bytes.len()).sum();
    if bytes > MOST_BYTES || act.files.len() > MOST_FILES {
        refuse(Part::Files, "The files are too large for one mail: together they may have 24 MB.");
    }
    let opens = act.commands.iter().any(|one| one.word == Word::For);
    match act.about {
        About::Nothing if has_words && !opens => refuse(Part::Text, "There is no case that these words are about."),
        About::Message(_) if has_words || !act.files.is_empty() => {
            refuse(Part::Text, "Words to the requester of such a message go with its return.");
        }
        _ => {}
    }
    if act.drops && (!act.commands.is_empty() || !matches!(act.about, About::Message(_))) {
        refuse(Part::Whole, "Only a held message can be dropped, and nothing else can be done with it then.");
    }
    match read_all(&act.commands, &act.text, situation) {
        Ok(commands) if commands.iter().any(|one| matches!(one.command, Command::Help)) => {
            refuse(Part::Whole, "The list of commands is sent by mail only.");
        }
        Ok(commands) if parts.is_empty() => return Ok(commands),
        Ok(_) => {}
        Err(refusals) => parts.extend(refusals.into_iter().map(|(place, refusal)| RefusedPart {
            part: place.map_or(Part::Text, Part::Command),
            why: refusal.for_a_form(),
        })),
    }
    Err(parts)
}

fn refused(part: Part, why: &str) -> Acted {
    Acted::Refused(vec![RefusedPart { part, why: why.to_owned() }])
}
