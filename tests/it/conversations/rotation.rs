//! The key of reply tokens is rotated while mail that older keys signed is on its way.

use super::rig::{AGENT, Mail, Rig};

const MONDAY: &str = "2026-11-02T10:15:00-05:00";
const TUESDAY: &str = "2026-11-03T10:15:00-05:00";

/// A specialist answers `id`, where nothing but its token can prove them.
fn specialist_answers(rig: &Rig, specialist: &str, name: &str, id: &str) {
    let mut mail =
        Mail::new(name, "x", "#note The carrier was called today about this.").from(specialist).answering(id);
    mail.id = format!("{name}@{}", rig.domain);
    rig.receive(TUESDAY, &mail);
}

#[test]
fn tokens_prove_until_their_key_retires_and_route_for_ever() {
    let rig = Rig::new();
    rig.receive(MONDAY, &Mail::request("one"));
    rig.run(TUESDAY);
    let receipt = rig.sent().into_iter().find(|mail| mail.template == "receipt").unwrap();
    let assignment = rig.sent().into_iter().find(|mail| mail.template == "assignment").unwrap();
    let specialist = assignment.to();
    assert!(assignment.id().starts_with("mc1."), "{}", assignment.id());

    let keys = rig.json(&["keys", "rotate"]);
    let states: Vec<&str> = keys.iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["believed", "signs"]);
    specialist_answers(&rig, &specialist, "two", &assignment.id());
    assert_eq!((rig.held().len(), rig.filed("Attached")), (0, 1), "it was minted before the rotation, and proves");
    let other = Mail::new(
        "three",
        "Brown, Ann Medicare",
        &super::rig::template("4411223", "H7654321", "Ann Brown", "The pharmacy shows her plan as ended in June"),
    );
    rig.receive(TUESDAY, &other);
    assert!(rig.last(AGENT).id().starts_with("mc1-1."), "{}", rig.last(AGENT).id());

    // Superseded just now: nothing is old enough to retire.
    let retired = |keys: &[serde_json::Value]| keys.iter().filter(|key| key["state"] == "retired").count();
    assert_eq!(retired(&rig.json(&["keys", "rotate", "--retire", "30"])), 0);
    specialist_answers(&rig, &specialist, "four", &assignment.id());
    assert_eq!((rig.held().len(), rig.filed("Attached")), (0, 2));

    assert_eq!(retired(&rig.json(&["keys", "rotate", "--retire"])), 3);
    assert_eq!(rig.json(&["keys"]).len(), 4);
    specialist_answers(&rig, &specialist, "five", &assignment.id());
    assert_eq!(rig.held_because(), "unauthenticated_staff");
    assert_eq!(rig.held()[0]["from"], specialist.as_str());
    // To the requester nothing has changed: a mail that we know leads to its case, whoever signed it.
    let thanks = Mail::new("six", "y", "Thank you, the card still has not come.").answering(&receipt.id());
    rig.receive(TUESDAY, &thanks);
    assert_eq!((rig.held().len(), rig.filed("Attached")), (1, 3));

    rig.command(&["audit", "verify"]);
    assert!(rig.command(&["keys"]).contains("retired"));
}
