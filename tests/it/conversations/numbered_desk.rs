//! A desk on which every contact has a number of its own, what is returned too, and a roster says who may ask.

use super::rig::{Mail, Rig};

const DESK: &str = "kynect-psl";
const AGENT: &str = "mo.tate@agency.example";

fn rig(roster: &str) -> Rig {
    let rig = Rig::of(DESK);
    rig.edit("[associations]\n", "[associations]\nroster = \"associations.csv\"\n");
    write(&rig, roster);
    rig
}

fn write(rig: &Rig, roster: &str) {
    std::fs::write(rig.path("desks/associations.csv"), format!("address,id,case\n{roster}")).expect("a roster");
}

fn mail(id: &str, case: &str, role: &str) -> Mail {
    let body = format!(
        "Agent Name: Mo Tate\nAgency: Hill Country Insurance\nDOI Number: 778899\n{role}Case Number: {case}\n\
         Issue: Which notice tells my client when her renewal is due this year?\n"
    );
    Mail::new(id, "A question on a renewal", &body).from(AGENT)
}

#[test]
fn what_is_returned_has_a_number_that_its_case_keeps() {
    let rig = rig(&format!("{AGENT},778899,11042277\n"));
    rig.receive("2026-11-02T10:15:00-05:00", &mail("one", "11042277", ""));
    assert_eq!(rig.got(AGENT), ["return"]);
    let returned = rig.last(AGENT);
    assert!(returned.text().contains("PSL-100001") && returned.text().contains("Role"), "{}", returned.text());
    let completed = Mail::new("two", &format!("Re: {}", returned.mail.subject), "Role: Agent").from(AGENT);
    rig.receive("2026-11-02T11:15:00-05:00", &completed.answering(&returned.id()));
    assert_eq!(rig.got(AGENT), ["return", "receipt"]);
    assert_eq!(rig.number(), "PSL-100001");
    assert!(rig.last(AGENT).mail.subject.contains("[PSL-100001]"));

    // Another contact on the same case: a number of its own, linked.
    rig.receive("2026-11-03T11:15:00-05:00", &mail("three", "11042277", "Role: Agent\n"));
    let second = rig.case("PSL-100002");
    assert!(second["links"].to_string().contains("PSL-100001"), "{}", second["links"]);
    assert_eq!(rig.got(AGENT).iter().filter(|template| *template == "receipt").count(), 2);
}

#[test]
fn who_is_not_on_the_roster_is_told_what_to_do_and_completes_it_by_the_number_alone() {
    let rig = rig(&format!("{AGENT},778899,11042277\n"));
    rig.receive("2026-11-02T10:15:00-05:00", &mail("one", "99042277", "Role: Agent\n"));
    assert_eq!(rig.got(AGENT), ["return"]);
    let returned = rig.last(AGENT);
    assert!(
        returned.text().contains("1-855-326-4650") && returned.text().contains("PSL-100001"),
        "{}",
        returned.text()
    );
    // The roster alone changes.
    write(&rig, &format!("{AGENT},778899,11042277\n{AGENT},778899,99042277\n"));
    let again = Mail::new("two", "They added me [PSL-100001]", "The applicant called and added me to the case.");
    rig.receive("2026-11-03T10:15:00-05:00", &again.from(AGENT));
    assert_eq!(rig.number(), "PSL-100001", "held {:?}, sent {:?}", rig.held(), rig.got(AGENT));
    assert_eq!(rig.case("PSL-100001")["entries"][0]["fields"]["case_number"], "99042277");
}

#[test]
fn two_cases_behind_the_label_are_two_issues() {
    let rig = rig(&format!("{AGENT},778899,11042277\n{AGENT},778899,11042278\n"));
    rig.receive("2026-11-02T10:15:00-05:00", &mail("one", "11042277 and 11042278", "Role: Agent\n"));
    assert_eq!(rig.got(AGENT), ["return"]);
    assert!(rig.last(AGENT).text().contains("One email for each issue"), "{}", rig.last(AGENT).text());
}
