//! The page Queue: what it shows to whom, its filters, its pages, searching, and taking a case.

use super::support::House;
use axum::http::StatusCode;
use mailclerk::desk::Role;
use mailclerk::desk::access::AccountRole;
use std::collections::BTreeSet;

/// Numbers of cases on a page, by the links to them.
fn numbers(page: &super::support::Page) -> Vec<String> {
    let text = page.text().replace("&#x2f;", "/");
    let links = text.split("href=\"/cases/").skip(1);
    links.filter_map(|rest| rest.split('"').next()?.split('/').nth(1).map(str::to_owned)).collect()
}

/// Where the link with this text leads.
fn link(page: &super::support::Page, words: &str) -> Option<String> {
    let text = page.text().replace("&#x2f;", "/");
    let before = text.split(&format!(">{words}</a>")).next().filter(|before| before.len() < text.len())?;
    let address = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(address.replace("&amp;", "&"))
}

#[tokio::test]
async fn everybody_sees_what_is_theirs() {
    let house = House::new().await;
    let (one, other) = (house.case(&house.desk, 0).await, house.case(&house.desk, 1).await);
    let foreign = house.case(&house.other, 0).await;
    let first_line = house.desk.lines[0].id.clone();
    let of_line = |number: &String| {
        let (store, desk, number) = (house.store.clone(), house.desk.id.clone(), number.clone());
        async move {
            let number = mailclerk::words::numbers::CaseNumber(number);
            store.case_by_number(&desk, &number).await.expect("read").expect("there").line
        }
    };
    let mut own = BTreeSet::new();
    for number in [&one, &other] {
        if of_line(number).await.as_ref() == Some(&first_line) {
            own.insert(number.clone());
        }
    }
    let shown = |page: super::support::Page| numbers(&page.ok()).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(
        shown(house.admin().await.get("/queue").await),
        BTreeSet::from([one.clone(), other.clone(), foreign.clone()])
    );
    assert_eq!(shown(house.specialist().await.get("/queue").await), own);
    assert_eq!(shown(house.stranger().await.get("/queue").await), BTreeSet::from([foreign.clone()]));
    // What is foreign is found no more than what does not exist.
    let mut stranger = house.stranger().await;
    for typed in [one.as_str(), "nothing-like-this-7"] {
        let page = stranger.get(&format!("/queue?find={typed}")).await.ok();
        assert!(numbers(&page).is_empty() && page.has("No case has all of these words"), "{}", page.text());
    }
    let page = stranger.get(&format!("/queue?find={foreign}")).await;
    assert_eq!(
        (page.status, page.location()),
        (StatusCode::SEE_OTHER, &*format!("/cases/{}/{foreign}", house.other.id))
    );
    let audit = house.audit().await;
    assert!(audit.iter().any(|row| row.contains("search")), "{audit:?}");
}

#[tokio::test]
async fn the_form_keeps_what_was_asked() {
    let house = House::new().await;
    let number = house.case(&house.desk, 0).await;
    let mut admin = house.admin().await;
    for (query, is_there, chosen) in [
        ("", true, "value=\"\" selected>Open"),
        ("?status=resolved", false, "value=\"resolved\" selected"),
        ("?status=new", true, "value=\"new\" selected"),
        ("?who=nobody", true, "value=\"nobody\" selected"),
        ("?who=me", false, "value=\"me\" selected"),
        ("?due=overdue", false, "value=\"overdue\" selected"),
        ("?due=week", true, "value=\"week\" selected"),
        ("?due=none", false, "value=\"none\" selected"),
        ("?urgent=1", false, "value=\"1\" checked"),
        ("?order=oldest&status=all", true, "value=\"oldest\" selected"),
        ("?status=%22%3E%3Cscript%3E", true, "value=\"\" selected>Open"),
        ("?after=nonsense", true, "value=\"\" selected>Open"),
    ] {
        let page = admin.get(&format!("/queue{query}")).await.ok();
        assert_eq!(numbers(&page).contains(&number), is_there, "{query}: {}", page.text());
        assert!(page.has(chosen), "{query}: {}", page.text());
        assert!(!page.has("<script"), "{query}");
    }
    let page = admin.get("/queue?find=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await.ok();
    assert!(!page.has("<script"), "{}", page.text());
}

#[tokio::test]
async fn pages_are_complete_and_without_doubles() {
    let house = House::new().await;
    let mut all = BTreeSet::new();
    for n in 0..58 {
        let request = house.request(&house.desk, n, crate::support::requests::Fate::Accepted);
        house.deliver(&house.desk, &request.raw);
    }
    house.work().await;
    let mut admin = house.admin().await;
    let (mut seen, mut next) = (Vec::new(), Some("/queue?order=oldest".to_owned()));
    let mut pages = 0;
    while let Some(address) = next {
        let page = admin.get(&address).await.ok();
        seen.extend(numbers(&page));
        next = link(&page, "Next page");
        pages += 1;
        // Meanwhile another one comes in.
        all.insert(house.case(&house.desk, 100 + pages).await);
    }
    let once: BTreeSet<&String> = seen.iter().collect();
    assert!(pages >= 2 && seen.len() >= 58, "{pages} pages, {} cases", seen.len());
    assert_eq!(once.len(), seen.len(), "nothing is shown twice");
}

#[tokio::test]
async fn a_case_that_nobody_has_may_be_taken() {
    let house = House::new().await;
    let number = house.case(&house.desk, 0).await;
    let found = house.store.case_view(&mailclerk::words::numbers::CaseNumber(number.clone())).await.expect("read");
    let line = found[0].line.clone().expect("a line").0;
    let email = house.staff(&house.desk, Role::Specialist, Some(&line));
    let mut browser = house.browser(&email, AccountRole::Specialist).await;
    let page = browser.get("/queue?who=nobody").await.ok();
    let (id, back) = (page.values("id").remove(0), page.values("back").remove(0).replace("&#x2f;", "/"));
    let fields = [("id", id.as_str()), ("desk", &house.desk.id), ("number", &number), ("back", &back)];
    let done = browser.post("/queue/take", &fields).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/queue?who=nobody"));
    let page = browser.get("/queue?who=me").await.ok();
    assert!(numbers(&page).contains(&number) && page.has("<b>You</b>"), "{}", page.text());
    // Sent again, nothing happens twice; of a foreign desk there is nothing.
    assert_eq!(browser.post("/queue/take", &fields).await.status, StatusCode::SEE_OTHER);
    let mut stranger = house.stranger().await;
    assert_eq!(stranger.post("/queue/take", &fields).await.status, StatusCode::NOT_FOUND);
    let elsewhere = [fields[0], fields[1], fields[2], ("back", "//evil.example")];
    assert_eq!(browser.post("/queue/take", &elsewhere).await.location(), "/queue");
}
