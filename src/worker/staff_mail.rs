//! What stands around a member of staff's mail and its commands ask for: read before its effects are decided.

use super::Worker;
use crate::address::EmailAddress;
use crate::case::Case;
use crate::case::commands::{Command, Situation, parse};
use crate::case::standing::{CaseFacts, Seen, Standing, Target};
use crate::desk::Desk;
use crate::effects::of_assignment::Surroundings;
use crate::effects::of_staff::{Newest, Request, StaffMail};
use crate::intake::decide::{Judgement, answers_by_token, is_yes};
use crate::intake::lookups::lookups;
use crate::message::Message;
use crate::settings::Trust;
use crate::store::{MessageRow, MessageState, StoredContent};
use crate::words::Decision;
use uuid::Uuid;

impl Worker {
    /// What `message` needs that a member of staff wrote as such; `None`: nobody of the staff did.
    pub(super) async fn staff_mail(
        &self,
        desk: &Desk,
        message: &Message,
        judgement: &Judgement,
        standing: &Standing,
        trust: &Trust,
        row: Uuid,
    ) -> anyhow::Result<Option<StaffMail>> {
        let (Some(said), Some(author)) = (judgement.as_staff, message.author()) else { return Ok(None) };
        let Some(sender) = desk.staff_member(&author.address).cloned() else { return Ok(None) };
        let situation = Situation { desk, sender: &sender, now: self.clock.now() };
        let mut parsed = parse(&message.body.visible, &situation);
        let (mut answers, mut confirms) = (said.answers, None);
        let unproved = matches!(trust, Trust::None);
        if unproved
            && said.to_result
            && is_yes(&message.body.visible)
            && let Some((row, asked)) = self.asked_to_confirm(desk, message).await?
        {
            parsed = parse(&asked.body.visible, &situation);
            answers = answers_by_token(desk, &self.keys, &asked);
            confirms = Some(Newest { row, message: asked });
        }
        let case = match judgement.belongs {
            Some((Target::Case(id), _)) => standing.case(id).map(|facts| &facts.case),
            _ => None,
        };
        let mut mail = StaffMail {
            answers: answers && case.is_some(),
            unconfirmed: unproved && confirms.is_none(),
            confirms,
            repeats: standing.seen == Seen::SameIdOtherBytes && self.came_before(desk, message, row).await?,
            ..StaffMail::bare(sender.clone(), parsed)
        };
        self.look_around(desk, case, &mut mail).await?;
        if case.is_none() && mail.commands().any(is_about_request) {
            let other = mail.other.as_ref().map(|(case, _)| case);
            mail.request = self.request_of(desk, message, judgement, other).await?;
        }
        Ok(Some(mail))
    }

    /// Reads what `mail` and its commands ask for: what stands around `case`, other cases, fresh numbers.
    pub(super) async fn look_around(
        &self,
        desk: &Desk,
        case: Option<&Case>,
        mail: &mut StaffMail,
    ) -> anyhow::Result<()> {
        let commands: Vec<Command> = mail.commands().cloned().collect();
        if let Some(case) = case {
            let whole = commands.iter().any(hands_over);
            mail.around = self.surroundings(case, whole).await?;
            mail.newest = self.newest(case).await?;
            let opening = self.store.opening_message(case.id).await?;
            mail.newest_is_opening = opening.is_some() && opening == mail.newest.as_ref().map(|one| one.row);
        }
        let mut opened = 0;
        for command in &commands {
            match command {
                Command::AssignAll { from, .. } => mail.colleagues_cases = self.cases_with(desk, from).await?,
                Command::Merge(number) => {
                    if let Some(other) = self.store.case_by_number(&desk.id, number).await? {
                        let around = self.surroundings(&other, false).await?;
                        mail.other = Some((other, around));
                    }
                }
                Command::For { .. } | Command::Split | Command::Accept(_) => opened += 1,
                _ => {}
            }
        }
        let short = usize::saturating_sub(opened, mail.numbers.len());
        mail.numbers
            .extend(self.store.reserve_numbers(&desk.id, &desk.numbering, desk.day(self.clock.now()), short).await?);
        Ok(())
    }

    /// The mail whose commands the sender of `message` was asked to confirm, unless they have done so already.
    async fn asked_to_confirm(&self, desk: &Desk, message: &Message) -> anyhow::Result<Option<(Uuid, Message)>> {
        let ids = crate::intake::lookups::thread_ids(message);
        let Some(id) = self.store.message_replied_to(&desk.id, &ids).await? else { return Ok(None) };
        // The question was the first mail about it; a second one told what came of it.
        if self.store.results_about(&desk.id, id).await? != 1 {
            return Ok(None);
        }
        Ok(match self.store.message_state(id).await?.map(|row| row.content) {
            Some(StoredContent::Raw(raw)) => {
                let asked = Message::read(&raw);
                let same = asked.author().map(|one| &one.address) == message.author().map(|one| &one.address);
                same.then_some((id, asked))
            }
            _ => None,
        })
    }

    /// Whether the same mail came before, by another way that left other trace lines in it.
    async fn came_before(&self, desk: &Desk, message: &Message, row: Uuid) -> anyhow::Result<bool> {
        let Some(id) = &message.message_id else { return Ok(false) };
        let words = lookups(desk, &self.keys, message, row).words_hash;
        Ok(self.store.has_same_words(&desk.id, id, &words, row).await?)
    }

    /// The requester's newest message of `case`.
    async fn newest(&self, case: &Case) -> anyhow::Result<Option<Newest>> {
        let row = match self.store.newest_message(case.id, &case.requester).await? {
            Some(id) => self.store.message_state(id).await?,
            None => None,
        };
        Ok(row.and_then(|row| match row.content {
            StoredContent::Raw(raw) => Some(Newest { row: row.id, message: Message::read(&raw) }),
            StoredContent::Problem(_) => None,
        }))
    }

    /// All open cases of a member of staff, each with what stands around it.
    async fn cases_with(&self, desk: &Desk, who: &EmailAddress) -> anyhow::Result<Vec<(Case, Surroundings)>> {
        let mut all = Vec::new();
        for case in self.store.cases_of_specialist(&desk.id, who).await? {
            let around = self.surroundings(&case, true).await?;
            all.push((case, around));
        }
        Ok(all)
    }

    /// The message that became no case and that `message` speaks of: it replies to the mail that told of it, to the one
    /// that went to its requester, or to the message itself; or it bears the token of a returned request.
    async fn request_of(
        &self,
        desk: &Desk,
        message: &Message,
        judgement: &Judgement,
        other: Option<&Case>,
    ) -> anyhow::Result<Option<Request>> {
        let of_pending = match judgement.belongs {
            Some((Target::Pending(id), _)) => self.store.newest_of(id).await?,
            _ => None,
        };
        let ids = crate::intake::lookups::thread_ids(message);
        let found = match of_pending {
            Some(id) => Some(id),
            None => self.store.message_replied_to(&desk.id, &ids).await?,
        };
        let row = match found {
            Some(id) => self.store.message_state(id).await?,
            None => None,
        };
        match row.filter(|row| row.desk == desk.id) {
            Some(row) => self.request_of_row(desk, row, other).await,
            None => Ok(None),
        }
    }

    /// The message of this row as a request; `None`: it became a case, or belongs to one.
    pub(super) async fn request_of_row(
        &self,
        desk: &Desk,
        row: MessageRow,
        other: Option<&Case>,
    ) -> anyhow::Result<Option<Request>> {
        let decided = match row.state {
            MessageState::Held => None,
            MessageState::Decided if is_no_case(row.decision) => row.decision,
            _ => return Ok(None),
        };
        Ok(Some(self.request(desk, row, decided, other).await?))
    }

    async fn request(
        &self,
        desk: &Desk,
        row: MessageRow,
        decided: Option<Decision>,
        other: Option<&Case>,
    ) -> anyhow::Result<Request> {
        let message = match &row.content {
            StoredContent::Raw(raw) => Message::read(raw),
            StoredContent::Problem(why) => Message { unparsable: Some(why.clone()), ..Message::read(b"") },
        };
        let asked = lookups(desk, &self.keys, &message, row.id);
        let mut standing = self.store.standing(&desk.id, &asked, self.clock.now()).await?;
        // A person has looked: what made it be held does not hold it again.
        standing.seen = Seen::Never;
        if let Some(case) = other.filter(|case| standing.case(case.id).is_none()) {
            standing.cases.push(CaseFacts { case: case.clone(), texts: Vec::new(), messages_in_day: 0 });
        }
        let trust = self.trust_of(&row.mailbox).clone();
        Ok(Request { row: row.id, message, arrived: row.arrived, standing, trust, decided })
    }
}

/// Whether a command speaks of a message that became no case, where the mail is about none.
fn is_about_request(command: &Command) -> bool {
    matches!(
        command,
        Command::Accept(_) | Command::Return(_) | Command::Redirect(_) | Command::Merge(_) | Command::Note(_)
    )
}

/// Whether a message that was decided so became no case, and may still.
fn is_no_case(decision: Option<Decision>) -> bool {
    matches!(decision, Some(Decision::Return | Decision::Redirect | Decision::RejectMixed))
}

/// Whether somebody gets the case whole by it.
fn hands_over(command: &Command) -> bool {
    matches!(
        command,
        Command::Assign(_)
            | Command::AssignAll { .. }
            | Command::Merge(_)
            | Command::Escalate(_)
            | Command::List { .. }
            | Command::Redirect(_)
    )
}
