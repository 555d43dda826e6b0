//! The mails of a script: what people write to the desk, and what each must do.

use super::desk::{DESK, LINES, SERVER, STAFF, Sent};
use super::play::{Event, INTERNAL, Play};
use super::rules::colleague_of;
use super::script::{Order, Said, What};

const AGENTS: [&str; 4] = ["jo@agency.example", "kim@agency.example", "lou@agency.example", "pat@outside.example"];
/// Mail to staff to which they may reply about a case.
const FOR_STAFF: [&str; 6] = ["assignment", "relay", "nudge", "command_result", "breach", "notice"];
const FIRST: [&str; 7] = ["Jane", "Omar", "Lena", "Ivan", "Rosa", "Hugo", "Mina"];
const LAST: [&str; 11] =
    ["Smith", "Reyes", "Novak", "Petrov", "Okafor", "Lindgren", "Tanaka", "Moreau", "Castro", "Weber", "Hughes"];

impl Play {
    /// The mail of a step, and what it must do; `None`: there is nothing yet to which it could reply.
    pub(super) fn write(&mut self, what: &What) -> Option<(String, Option<Event>)> {
        self.written += 1;
        let n = self.written;
        match what {
            What::Nothing => None,
            What::Again => Some((self.last.clone()?, None)),
            What::Request { agent, line, complete, urgent } => {
                let (requester, urgent) = (AGENTS[*agent].to_owned(), *complete && *urgent);
                let raw = self.request(n, &requester, *line, *complete, urgent);
                let line = *line;
                let event = if *complete {
                    Event::Accept { requester, line, urgent }
                } else {
                    Event::SendBack { requester, line }
                };
                Some((raw, Some(event)))
            }
            What::Reply { case, tag_only, said } => {
                let case = *case % self.numbers.len().max(1);
                let number = self.numbers.get(case)?.clone();
                let requester = self.model.cases[case].requester.clone();
                let is_it = |one: &&Sent| one.to == requester && one.case.as_ref() == Some(&number);
                let newest = self.sent.iter().rfind(is_it)?;
                let (body, mut headers) = match said {
                    Said::Words => (format!("Is there any news yet, as I wrote in letter {n}?"), String::new()),
                    Said::Thanks => ("Thank you!".to_owned(), String::new()),
                    Said::OutOfOffice => {
                        (format!("I am out of the office, {n}."), "Auto-Submitted: auto-replied\n".to_owned())
                    }
                };
                if !tag_only {
                    headers += &format!("In-Reply-To: <{}>\n", newest.id);
                }
                let subject = format!("Re: {}", newest.subject);
                Some((raw(n, &requester, &headers, &subject, &body), Some(Event::Reply { case, said: *said })))
            }
            What::Complete { pending } => self.complete(n, *pending),
            What::Staff { newest, orders, text } => {
                let mail = self.to_staff(*newest)?.clone();
                let case = self.numbers.iter().position(|number| mail.case.as_ref() == Some(number))?;
                let answers = matches!(mail.template.as_str(), "assignment" | "relay");
                let orders = allowed(&mail.to, orders);
                let text = *text || orders.is_empty();
                let body = self.body(n, &orders, text, answers);
                let headers = format!("{}In-Reply-To: <{}>\n", passes(&mail.to), mail.id);
                let raw = raw(n, &mail.to, &headers, &format!("Re: {}", mail.subject), &body);
                Some((raw, Some(Event::Staff { sender: mail.to, case, answers, orders, text })))
            }
            What::ByTag { case, staff, orders } => {
                let case = *case % self.numbers.len().max(1);
                let number = self.numbers.get(case)?.clone();
                let sender = STAFF[self.model.cases[case].line][*staff].to_owned();
                let orders = allowed(&sender, orders);
                if orders.is_empty() {
                    return None;
                }
                let body = self.body(n, &orders, false, false);
                let raw = raw(n, &sender, &passes(&sender), &format!("It [{number}]"), &body);
                Some((raw, Some(Event::Staff { sender, case, answers: false, orders, text: false })))
            }
            What::Forged { newest, order } => {
                let mail = self.to_staff(*newest)?;
                let headers = format!("In-Reply-To: <{}>\n", mail.id);
                let body = self.body(n, &[*order], true, true);
                let raw = raw(n, &mail.to, &headers, &format!("Re: {}", mail.subject), &body);
                Some((raw, Some(Event::Forged)))
            }
        }
    }

    fn request(&self, n: u32, requester: &str, line: usize, complete: bool, urgent: bool) -> String {
        let (first, last) = (FIRST[n as usize % FIRST.len()], LAST[n as usize % LAST.len()]);
        let id = if complete { format!("M{:07}", 1_000_000 + n) } else { String::new() };
        let issue = if urgent {
            "She is at the pharmacy now and cannot get her insulin"
        } else {
            "The replacement card never arrived after two calls"
        };
        let body =
            format!("Agent Name: Jo Field\nMember ID: {id}\nMember Name: {first} {last}\nSummary: {issue}, {n}\n");
        raw(n, requester, "", &format!("{last}, {first} {}", LINES[line]), &body)
    }

    /// The answer to a return: just what was missing. A request is completed once.
    fn complete(&mut self, n: u32, pending: usize) -> Option<(String, Option<Event>)> {
        let returns: Vec<&Sent> = self.sent.iter().filter(|one| one.template == "return").collect();
        let pending = pending % returns.len().max(1);
        let returned = returns.get(pending)?;
        if !self.completed.insert(pending) {
            return None;
        }
        let headers = format!("In-Reply-To: <{}>\n", returned.id);
        let body = format!("Member ID: M{:07}\n", 1_000_000 + n);
        let raw = raw(n, &returned.to, &headers, &format!("Re: {}", returned.subject), &body);
        Some((raw, Some(Event::Complete { pending })))
    }

    /// One of the newest mails about a case that a member of staff got.
    fn to_staff(&self, newest: usize) -> Option<&Sent> {
        let fits = |one: &&Sent| one.case.is_some() && FOR_STAFF.contains(&one.template.as_str());
        let all: Vec<&Sent> = self.sent.iter().filter(fits).collect();
        let place = all.len().checked_sub(1 + newest % all.len().max(1))?;
        all.get(place).copied()
    }

    /// The text of a staff mail: its commands, and below them what is for the requester or for nobody.
    fn body(&self, n: u32, orders: &[Order], text: bool, answers: bool) -> String {
        let lines = orders.iter().map(|order| self.order(*order) + "\n");
        let text = match (text, answers) {
            (false, _) => String::new(),
            (true, true) => format!("\nDear agent,\nwe have looked at it again, {n}.\n"),
            (true, false) => format!("\nThat again, {INTERNAL} {n}.\n"),
        };
        lines.collect::<String>() + &text + "\nOn that day the desk wrote:\n> #resolve\n> #pause\n"
    }

    fn order(&self, order: Order) -> String {
        let day = |days| self.model.day(self.now, days);
        let until = |until: Option<i64>| until.map(|days| format!(" until {}", day(days))).unwrap_or_default();
        match order {
            Order::Pause(end) => format!("#pause{}", until(end)),
            Order::Resume => "#resume".to_owned(),
            Order::NextUpdate { days, afternoon } => {
                format!("#next-update {}{}", day(days), if afternoon { " at 15:00" } else { "" })
            }
            Order::Update => "#update We expect an answer this week.".to_owned(),
            Order::Assign { colleague } => format!("#assign {}", colleague_of(colleague)),
            Order::Waiting { external, until: end } => {
                format!("#waiting {}{}", if external { "external" } else { "internal" }, until(end))
            }
            Order::Resolve { text: true } => "#resolve A new card was sent.".to_owned(),
            Order::Resolve { text: false } => "#resolve".to_owned(),
            Order::Note => format!("#note It is {INTERNAL}."),
            Order::Nonsense => "#reslove".to_owned(),
            Order::Out { days, more } => format!("#out {}..{}", day(days), day(days + more)),
        }
    }
}

/// Only specialists are away here: whose mail a supervisor's would be is another page.
fn allowed(sender: &str, orders: &[Order]) -> Vec<Order> {
    let is_specialist = STAFF.iter().any(|line| line[..2].contains(&sender));
    orders.iter().copied().filter(|order| is_specialist || !matches!(order, Order::Out { .. })).collect()
}

/// What the trusted server says of a mail that passes.
fn passes(from: &str) -> String {
    let domain = from.rsplit('@').next().unwrap_or_default();
    format!("Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\n")
}

fn raw(n: u32, from: &str, headers: &str, subject: &str, body: &str) -> String {
    format!(
        "{headers}From: {from}\nTo: {DESK}\nSubject: {subject}\nMessage-ID: <m{n}@their.example>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}
