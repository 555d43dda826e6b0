//! What is held, and what people make of it; what is urgent.

use super::rig::{AGENT, Mail, Rig, template};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const STRANGER: &str = "else@other.example";

fn held(mail: &Mail) -> (Rig, String) {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    rig.receive(MONDAY, &mail.clone().from(STRANGER).header("X-Spam-Flag: YES"));
    let id = rig.held()[0]["id"].as_str().unwrap().to_owned();
    (rig, id)
}

#[test]
fn accept_return_redirect_attach_drop() {
    let (rig, id) = held(&Mail::request("two"));
    rig.command(&["held", "accept", &id]);
    rig.run(MONDAY);
    assert_eq!((rig.got(STRANGER), rig.held().len(), rig.cases().len()), (vec!["receipt".to_owned()], 0, 2));

    let (rig, id) = held(&Mail::short("two"));
    rig.command(&["held", "return", &id]);
    rig.run(MONDAY);
    assert_eq!((rig.got(STRANGER), rig.pending().len()), (vec!["return".to_owned()], 1));

    let (rig, id) = held(&Mail::request("two"));
    rig.command(&["held", "redirect", &id, "commission"]);
    rig.run(MONDAY);
    assert_eq!(rig.got(STRANGER), ["redirect"]);

    let (rig, id) = held(&Mail::request("two"));
    rig.command(&["held", "attach", &id, &rig.number()]);
    rig.run(MONDAY);
    assert_eq!((rig.got(STRANGER).len(), rig.held().len(), rig.cases().len()), (0, 0, 1));
    let history = rig.case(&rig.number())["history"].to_string();
    assert!(history.contains("message_attached"), "{history}");

    let (rig, id) = held(&Mail::request("two"));
    rig.command(&["held", "drop", &id]);
    rig.run("2026-11-05T10:15:00-05:00");
    assert_eq!((rig.got(STRANGER).len(), rig.held().len()), (0, 0));
    assert!(!rig.try_command(&["held", "accept", &id]).0, "once only");
}

#[test]
fn untouched_until_the_next_business_days_opening_is_told_once() {
    let (rig, _) = held(&Mail::request("two"));
    let supervisors = rig.staff("supervisor", "");
    rig.run("2026-11-03T07:59:59-05:00");
    assert!(rig.got(&supervisors[0]).is_empty());
    rig.run("2026-11-03T08:00:00-05:00");
    rig.run("2026-11-06T08:00:00-05:00");
    for supervisor in supervisors {
        let notices = rig.got(&supervisor).into_iter().filter(|template| template == "notice").count();
        assert_eq!(notices, 1, "{:?}", rig.got(&supervisor));
    }
}

#[test]
fn moved_back_by_a_person_is_held_with_its_former_decision() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    let file = std::fs::read_dir(rig.path("mail/.Accepted/cur")).unwrap().next().unwrap().unwrap();
    std::fs::rename(file.path(), rig.path("mail/new/1.99999.back")).unwrap();
    rig.run(MONDAY);
    let held = rig.held();
    assert_eq!((held.len(), &held[0]["decision"]), (1, &serde_json::json!("accept")));
    assert_eq!(rig.got(AGENT), ["receipt"]);
}

#[test]
fn urgent_mail_opens_with_the_phone_and_supervisors_are_told_whatever_was_decided() {
    let urgent = "She is at the pharmacy and cannot get her prescription";
    let phones = Rig::new().lines();
    for (subject, body, reply, both) in [
        ("Smith, Jane Medicare", template("4411223", "H1234567801", "Jane Smith", urgent), "receipt", false),
        ("Smith, Jane Medicare", template("4411223", "", "Jane Smith", urgent), "return", false),
        ("Smith, Jane", template("4411223", "H1234567801", "Jane Smith", urgent), "return", true),
        (
            "Smith, Jane Medicare and HumanaOne",
            template("4411223", "H1234567801", "Jane Smith", urgent),
            "reject_mixed",
            true,
        ),
    ] {
        let rig = Rig::new();
        rig.receive(MONDAY, &Mail::new("one", subject, &body));
        assert_eq!(rig.got(AGENT), [reply], "{subject}");
        let text = rig.last(AGENT).text().to_owned();
        let opening: String = text.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
        assert!(opening.contains(&phones[0]), "{opening}");
        assert_eq!(opening.contains(&phones[1]), both, "{opening}");
        let lines = if both { "" } else { "medicare" };
        for supervisor in rig.staff("supervisor", lines) {
            assert_eq!(rig.got(&supervisor), ["notice"], "{subject}");
        }
        let told = rig.sent().iter().filter(|sent| sent.template == "notice").count();
        assert_eq!(told, rig.staff("supervisor", lines).len());
    }
}
