//! Thirty rehearsed days of a clerk facing each kind of responder, and of two clerks facing each other.

use super::clerk::{Clerk, Sent, after, form, mail};
use super::responders::{Got, KINDS, PAT, Responder};

const DAYS: i64 = 30;
/// What goes on beyond this never ends.
const MOST: usize = 120;

/// Mails that leave for the outside in thirty days, when `responder` answers each a minute later.
async fn face(responder: Responder, opening: &str) -> Vec<Sent> {
    let mut clerk = Clerk::new("alpha.example", "").await;
    clerk.deliver(opening);
    let (mut minute, mut all, mut n) = (0, Vec::new(), 0);
    while minute < DAYS * 24 * 60 {
        let sent = clerk.run(after(minute)).await;
        let outside: Vec<Sent> = sent.into_iter().filter(|one| !one.to.ends_with("@alpha.example")).collect();
        for one in &outside {
            n += 1;
            let got = Got { mail: one, desk: &clerk.address.clone(), n };
            for answer in responder(&got) {
                clerk.deliver(&answer);
            }
        }
        // While it talks, minute by minute; else a quarter of a day.
        minute += if outside.is_empty() { 360 } else { 1 };
        all.extend(outside);
        if all.len() > MOST {
            break;
        }
    }
    clerk.close().await;
    all
}

fn request(member_id: &str) -> String {
    let body = form(member_id, "the replacement card never arrived after two calls");
    mail(PAT, "desk@alpha.example", "first@partner.example", "Smith, Jane North", "", &body)
}

/// What a person would have got without any responder.
async fn quiet(opening: &str) -> usize {
    face(|_| Vec::new(), opening).await.len()
}

async fn settles(opening: &str, more: usize) {
    let calm = quiet(opening).await;
    let mut table = Vec::new();
    for (kind, responder) in KINDS {
        let all = face(*responder, opening).await;
        let beyond = all.len().saturating_sub(calm);
        let templates: Vec<&str> = all.iter().take(12).map(|one| one.template.as_str()).collect();
        table.push((*kind, beyond, templates.join(" ")));
    }
    for (kind, beyond, templates) in &table {
        println!("{beyond:3} beyond {calm}: {kind}: {templates}");
    }
    let loud: Vec<_> = table.iter().filter(|(_, beyond, _)| *beyond > more).collect();
    assert!(loud.is_empty(), "more than {more} mails beyond {calm}: {loud:#?}");
}

#[tokio::test]
async fn a_returned_request_meets_every_kind_of_responder() {
    settles(&request(""), 6).await;
}

#[tokio::test]
async fn an_accepted_request_meets_every_kind_of_responder() {
    settles(&request("H1234567801"), 6).await;
}

/// Two desks, each a requester of the other: what one sends to the other is delivered there, as `relay` leaves it.
async fn facing(relay: fn(&str) -> String) -> usize {
    let mut one = Clerk::new("alpha.example", "").await;
    let mut two = Clerk::new("beta.example", "").await;
    // Somebody forges the first mail.
    let first =
        mail(&two.address, &one.address, "forged@beta.example", "A question", "", "Who can look into this for us?");
    one.deliver(&first);
    let (mut minute, mut count) = (0, 0);
    while minute < DAYS * 24 * 60 {
        let mut moved = false;
        let to = two.address.clone();
        for sent in one.run(after(minute)).await.iter().filter(|sent| sent.to == to) {
            two.deliver(&relay(&sent.raw));
            (moved, count) = (true, count + 1);
        }
        let to = one.address.clone();
        for sent in two.run(after(minute)).await.iter().filter(|sent| sent.to == to) {
            one.deliver(&relay(&sent.raw));
            (moved, count) = (true, count + 1);
        }
        minute += if moved { 1 } else { 360 };
        assert!(count < MOST, "they do not settle");
    }
    one.close().await;
    two.close().await;
    count
}

/// A relay that takes away all that tells a machine.
fn stripped(raw: &str) -> String {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let mut kept: Vec<&str> = Vec::new();
    let mut drops = false;
    for line in head.lines() {
        if !line.starts_with([' ', '\t']) {
            let lower = line.to_lowercase();
            drops = ["auto-submitted", "x-", "precedence", "in-reply-to", "references"]
                .iter()
                .any(|one| lower.starts_with(one));
        }
        if !drops {
            kept.push(line);
        }
    }
    format!("{}\r\n\r\n{body}", kept.join("\r\n"))
}

#[tokio::test]
async fn two_clerks_facing_each_other_settle_at_once() {
    let count = facing(str::to_owned).await;
    assert!(count <= 2, "{count} mails");
    let count = facing(stripped).await;
    println!("{count} mails without the marks of machines");
    assert!(count <= 12, "{count} mails without the marks of machines");
}
