//! The limits that end loops, each at its edge, and whom they leave alone.

use super::clerk::{Clerk, Sent, after, form, mail};

const PAT: &str = "pat@partner.example";

/// A form without its member id, like no other.
fn short(from: &str, n: usize, headers: &str) -> String {
    let names = ["Adams", "Baker", "Clark", "Davis", "Evans", "Foster", "Garcia", "Hughes", "Irwin", "Jones"];
    let subject = format!("{}, Jane North", names[n % 10]);
    let body = form("", &format!("issue{n}alpha card{n}beta lost{n}gamma entirely"));
    let body = body.replace("Member Name: Jane Smith\n", "");
    mail(from, "desk@alpha.example", &format!("m{n}.{from}"), &subject, headers, &body)
}

fn whole(from: &str, n: usize) -> String {
    short(from, n, "").replace("Member ID: ", &format!("Member ID: H12345{n:05}"))
}

async fn held(clerk: &Clerk) -> usize {
    clerk.worker.store.held(None).await.unwrap().len()
}

fn got(sent: &[Sent], to: &str) -> Vec<String> {
    sent.iter().filter(|one| one.to == to).map(|one| one.template.clone()).collect()
}

#[tokio::test]
async fn what_is_sent_back_in_a_row_is_held_at_its_number_until_a_request_is_accepted() {
    let mut clerk = Clerk::new("alpha.example", "\n[limits]\nsent_back = 3\n").await;
    for n in 0..4 {
        clerk.deliver(&short(PAT, n, ""));
        assert_eq!(got(&clerk.run(after(10 * n as i64)).await, PAT), ["return"], "{n}");
    }
    for n in 4..6 {
        clerk.deliver(&short(PAT, n, ""));
        assert!(got(&clerk.run(after(10 * n as i64)).await, PAT).is_empty(), "{n}");
    }
    assert_eq!(held(&clerk).await, 2);
    // A whole request is accepted all the same, and ends the row.
    clerk.deliver(&whole(PAT, 6));
    assert_eq!(got(&clerk.run(after(70)).await, PAT), ["receipt"]);
    clerk.deliver(&short(PAT, 7, ""));
    assert_eq!(got(&clerk.run(after(80)).await, PAT), ["return"]);
    clerk.close().await;
}

#[tokio::test]
async fn forms_that_are_sent_together_hold_nobody() {
    let mut clerk = Clerk::new("alpha.example", "\n[limits]\nsent_back = 2\n").await;
    (0..9).for_each(|n| clerk.deliver(&short(PAT, n, "")));
    assert_eq!(got(&clerk.run(after(0)).await, PAT).len(), 9);
    assert_eq!(held(&clerk).await, 0);
    clerk.close().await;
}

#[tokio::test]
async fn a_domain_and_its_other_names_have_numbers_of_their_own() {
    let mut clerk = Clerk::new("alpha.example", "\n[limits]\ndomain_sent_back = 6\nsame_subject = 2\n").await;
    clerk.deliver(&short(PAT, 0, ""));
    let first = clerk.run(after(0)).await;
    let thread = format!("In-Reply-To: <{}>\n", first.iter().find(|one| one.to == PAT).unwrap().id());
    // Others of the organisation answer what went to one of them.
    for (n, returned) in [(1, true), (2, true), (3, false)] {
        let from = format!("other{n}@partner.example");
        clerk.deliver(&short(&from, n, &thread));
        assert_eq!(!got(&clerk.run(after(n as i64)).await, &from).is_empty(), returned, "{n}");
    }
    // Three were sent back so far; the domain may have six in a row, and another domain as many.
    for (n, returned) in [(4, true), (5, true), (6, true), (7, false)] {
        let from = format!("new{n}@sub.partner.example");
        clerk.deliver(&short(&from, n, ""));
        assert_eq!(!got(&clerk.run(after(n as i64)).await, &from).is_empty(), returned, "{n}");
    }
    clerk.deliver(&short("kim@agency.example", 8, ""));
    assert_eq!(got(&clerk.run(after(8)).await, "kim@agency.example"), ["return"]);
    clerk.close().await;
}
