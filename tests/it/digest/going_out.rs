//! When digests go out: with nothing to tell, once a day, after an outage once, not on days off, to whoever is there.

use super::clerk::{Clerk, POLICY, desk};
use jiff::Timestamp;
use mailclerk::case::EventKind;
use mailclerk::message::Message;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When digests went out, to whom, and what they say.
fn digests(clerk: &mut Clerk) -> Vec<(String, String, String)> {
    let sent = clerk.sent().into_iter().filter(|one| one.template == "digest");
    sent.map(|one| (one.at.to_string(), one.to, Message::read(&one.raw).body.text)).collect()
}

#[tokio::test]
async fn a_desk_that_has_seen_no_mail_tells_so_each_business_day() {
    // A Thursday before a weekend; half past seven in the morning is 12:30 UTC.
    let mut clerk = Clerk::new(at("2026-11-19T15:00:00Z"), None, POLICY).await;
    clerk.rehearse(at("2026-11-19T15:00:00Z")).await;
    clerk.rehearse(at("2026-11-24T15:00:00Z")).await;
    let got = digests(&mut clerk);
    let days: Vec<(&str, &str)> = got.iter().map(|(at, to, _)| (at.as_str(), to.as_str())).collect();
    let both = |at| [(at, "eve@desk.example"), (at, "sue@desk.example")];
    let expected = ["2026-11-20T12:30:00Z", "2026-11-23T12:30:00Z", "2026-11-24T12:30:00Z"].map(both).concat();
    assert_eq!(days, expected);
    assert!(got.iter().all(|(_, _, text)| text.contains("Nothing to tell")), "{}", got[0].2);
    // The same instant again sends nothing, and every digest has its row in the audit trail.
    clerk.rehearse(at("2026-11-24T15:00:00Z")).await;
    assert!(digests(&mut clerk).is_empty());
    assert!(clerk.worker.store.audit_verify().await.unwrap().broken.is_empty());
    let kind = EventKind::DigestWritten.as_str();
    let rows = super::naive::read(&clerk.url).await.events.into_iter().filter(|event| event.kind == kind).count();
    assert_eq!(rows, 3);
    clerk.worker.store.close().await;
}

#[tokio::test]
async fn after_an_outage_one_comes_and_none_on_a_day_off() {
    let mut clerk = Clerk::new(at("2026-11-19T15:00:00Z"), None, POLICY).await;
    clerk.come_back(at("2026-11-19T15:00:00Z")).await;
    // Back on a Saturday: nothing. Back on Tuesday evening: one.
    clerk.come_back(at("2026-11-21T15:00:00Z")).await;
    assert!(digests(&mut clerk).is_empty());
    clerk.come_back(at("2026-11-24T23:00:00Z")).await;
    let got = digests(&mut clerk);
    assert_eq!(got.len(), 2, "{got:?}");
    assert!(
        got.iter().all(|(at, _, text)| at == "2026-11-24T23:00:00Z" && text.contains("Monday, November 23")),
        "{got:?}"
    );
    // Two days later in the night: not before the hour of the day.
    clerk.come_back(at("2026-11-25T08:00:00Z")).await;
    assert!(digests(&mut clerk).is_empty());
    clerk.rehearse(at("2026-11-25T13:00:00Z")).await;
    let got = digests(&mut clerk);
    assert_eq!((got.len(), got[0].0.as_str()), (2, "2026-11-25T12:30:00Z"));
    clerk.worker.store.close().await;
}

#[tokio::test]
async fn each_gets_their_lines_and_the_deputy_stands_in() {
    let deputy = "\n[[staff]]\nname = \"Dan Dale\"\nemail = \"dan@desk.example\"\nrole = \"deputy\"\n\
                  deputy_for = [\"sue@desk.example\"]\n";
    let away = POLICY.replace(
        "email = \"sue@desk.example\"\n",
        "email = \"sue@desk.example\"\nabsent = [{ from = \"2026-11-20\", to = \"2026-11-20\" }]\n",
    );
    let policy = format!("{away}{deputy}");
    let desk = desk(&policy);
    let mut clerk = Clerk::new(at("2026-11-18T15:00:00Z"), None, &policy).await;
    for (n, line) in ["North", "South"].iter().enumerate() {
        let body = format!(
            "Agent Name: Jo Field\nMember ID: H770000{n}\nMember Name: Quetzalina Zebrafinch\nSummary: the {line} card never came\n"
        );
        let subject = format!("Zebrafinch, Quetzalina {line}");
        clerk.deliver("jo@agency.example", &format!("{n}@agency.example"), &subject, "", true, &body);
    }
    clerk.rehearse(at("2026-11-18T15:00:00Z")).await;
    clerk.rehearse(at("2026-11-20T15:00:00Z")).await;
    let got = digests(&mut clerk);
    let of = |at: &str, who: &str| got.iter().find(|(when, to, _)| when.starts_with(at) && to == who).map(|one| &one.2);
    let sue = of("2026-11-19", "sue@desk.example").unwrap();
    assert!(sue.contains("Wednesday, November 18, North") && sue.contains("1 open"), "{sue}");
    let eve = of("2026-11-19", "eve@desk.example").unwrap();
    assert!(eve.contains("all lines") && eve.contains("2 open"), "{eve}");
    assert!(of("2026-11-19", "dan@desk.example").is_none() && of("2026-11-20", "sue@desk.example").is_none());
    let dan = of("2026-11-20", "dan@desk.example").unwrap();
    assert!(dan.contains("in the place of Sue Sedge") && dan.contains("North") && !dan.contains("Cid Cedar"), "{dan}");
    assert!(!of("2026-11-20", "eve@desk.example").unwrap().contains("in the place of"));
    assert!(desk.staff_member(&desk.staff[0].email).is_some());
    clerk.worker.store.close().await;
}
