//! The page of a case: each action into the rows of the outbox, what is foreign, and messages made harmless.

use super::support::{Client, House};
use crate::support::requests::Fate;
use axum::http::StatusCode;
use mailclerk::case::EventKind;
use mailclerk::effects::MailState;
use mailclerk::store::CaseView;
use mailclerk::words::numbers::CaseNumber;
use mailclerk::words::{Status, Template};
use uuid::Uuid;

/// A house with one case of somebody inside, which a specialist of its line has since Tuesday.
struct Desk {
    house: House,
    number: String,
    client: Client,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new().await;
        let inside = format!("jo.field@{}", house.desk.internal_domains[0]);
        let request = house.request(&house.desk, 0, Fate::Accepted);
        let raw = String::from_utf8(request.raw).unwrap().replace(&request.sender, &inside);
        house.deliver(&house.desk, raw.as_bytes());
        house.work_until("2026-11-24T15:00:00Z".parse().unwrap()).await;
        let number = house.store.cases(Some(&house.desk.id), false).await.unwrap()[0].number.0.clone();
        let specialist = house.store.case_view(&CaseNumber(number.clone())).await.unwrap()[0].specialist.clone();
        let specialist = specialist.expect("it is assigned in the morning");
        let client = house.browser(&specialist, mailclerk::desk::access::AccountRole::Specialist).await;
        Self { house, number, client }
    }

    fn path(&self) -> String {
        format!("/cases/{}/{}", self.house.desk.id, self.number)
    }

    async fn case(&self) -> CaseView {
        self.house.store.case_view(&CaseNumber(self.number.clone())).await.unwrap().pop().unwrap()
    }

    /// Sends a form of the page; gives what the next page says.
    async fn act(&mut self, action: &str, fields: &[(&str, &str)]) -> String {
        let path = self.path();
        self.client.get(&path).await.ok();
        let form = Uuid::new_v4().to_string();
        let mut all = vec![("act", form.as_str())];
        all.extend(fields);
        let page = self.client.post(&format!("{path}/do/{action}"), &all).await;
        assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, path.as_str()), "{action}: {}", page.text());
        let said = self.client.get(&path).await.ok().text();
        said.split("class=\"said\"").nth(1).expect("what was done").split("</div>").next().unwrap().to_owned()
    }

    async fn answer(&mut self, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> super::support::Page {
        let path = self.path();
        self.client.get(&path).await.ok();
        let form = Uuid::new_v4().to_string();
        let mut all = vec![("act", form.as_str())];
        all.extend(fields);
        self.client.upload(&format!("{path}/answer"), &all, files).await
    }

    fn colleague(&self) -> String {
        let line = &self.house.desk.lines[0].id;
        let own = self.client.email.clone();
        let fits = |one: &&mailclerk::desk::Staff| {
            one.lines.contains(line) && one.role == mailclerk::desk::Role::Specialist && one.email.to_string() != own
        };
        self.house.desk.staff.iter().find(fits).expect("a colleague").email.to_string()
    }
}

#[tokio::test]
async fn an_answer_with_a_file_leaves_and_meets_the_promise() {
    let mut desk = Desk::new().await;
    let page = desk.client.get(&desk.path()).await.ok();
    for words in ["never came after the move", "Receipt", "Acknowledgement", "What is due and known", "Answer"] {
        assert!(page.has(words), "{words}");
    }
    let forms: std::collections::BTreeSet<_> = page.values("act").into_iter().collect();
    assert!(forms.len() > 12, "each form acts once by itself: {}", forms.len());
    let text = [("text", "The card was sent again <today> & on Monday."), ("then", "")];
    let page = desk.answer(&text, &[("files", "letter.pdf", b"%PDF the letter")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let page = desk.client.get(&desk.path()).await.ok();
    assert!(page.has("on its way to the requester with one file") && page.has("&lt;today&gt;"), "{}", page.text());
    let answers = desk.case().await.mails.into_iter().filter(|mail| mail.template == Template::Answer);
    let answers: Vec<_> = answers.collect();
    assert_eq!((answers.len(), answers[0].state, answers[0].attachments.len()), (1, MailState::Queued, 1));
    desk.house.work().await;
    let sent = desk.house.sent().pop().unwrap();
    assert!(sent.contains("letter.pdf") && sent.contains("X-Mailclerk-Template: answer"), "{sent}");
    let page = desk.client.get(&desk.path()).await.ok();
    assert!(page.has("chip good\">sent") && page.has("Correct or withdraw"), "{}", page.text());
    // The file can be saved from the conversation.
    let at = page
        .text()
        .find("/attachments/0")
        .map(|at| page.text()[..at].rfind('"').map(|from| page.text()[from + 1..at].to_owned()));
    let path = format!("{}/attachments/0", at.flatten().expect("a file in the conversation"));
    assert_eq!(desk.client.get(&path).await.ok().bytes, b"%PDF the letter");
}

#[tokio::test]
async fn an_answer_can_resolve_and_can_wait() {
    let mut desk = Desk::new().await;
    let wait = [("text", "We asked the shop."), ("then", "external"), ("until", "2026-12-04")];
    assert_eq!(desk.answer(&wait, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.case().await.status, Status::WaitingExternal);
    let resolve = [("text", "It came today."), ("then", "resolve")];
    assert_eq!(desk.answer(&resolve, &[]).await.status, StatusCode::SEE_OTHER);
    let case = desk.case().await;
    assert_eq!(case.status, Status::Resolved);
    let templates: Vec<_> = case.mails.iter().map(|mail| mail.template).collect();
    assert!(templates.contains(&Template::Answer) && templates.contains(&Template::Closing), "{templates:?}");
    let page = desk.client.get(&desk.path()).await.ok();
    assert!(page.has("chip good\">resolved") && !page.has("Pause the clocks"), "{}", page.text());
}

#[tokio::test]
async fn every_action_is_carried_out() {
    let mut desk = Desk::new().await;
    let desk_id = desk.house.desk.id.clone();
    assert!(desk.act("note", &[("text", "Called the shop.\n\nThey look into it.")]).await.contains("The note is kept"));
    assert_eq!(desk.case().await.notes.len(), 1);
    assert!(desk.act("update", &[("text", "We wait for the shop.")]).await.contains("The next update says it"));
    assert!(desk.act("next-update", &[("date", "2026-12-03"), ("time", "15:30")]).await.contains("December 3"));
    assert!(
        desk.act("waiting", &[("on", "internal"), ("until", "2026-12-02")]).await.contains("waits for somebody inside")
    );
    assert!(desk.act("resume", &[]).await.contains("waits no longer"));
    assert!(desk.act("pause", &[("until", "2026-12-10")]).await.contains("The clocks stand until"));
    assert!(desk.client.get(&desk.path()).await.ok().has("Let the clocks go on"));
    assert!(desk.act("resume", &[]).await.contains("The clocks go on"));
    assert!(desk.act("priority", &[("word", "urgent")]).await.contains("urgent"));
    assert!(desk.case().await.urgent);
    let opportunity = [("kind", "training"), ("text", "The form names the wrong line.")];
    assert!(desk.act("opportunity", &opportunity).await.contains("recorded"));
    let field = desk.house.desk.fields.iter().find(|one| one.role == mailclerk::desk::FieldRole::Reference).unwrap();
    assert!(desk.act("field", &[("field", &field.id.clone()), ("value", "REF-12345")]).await.contains("is corrected"));
    assert!(desk.client.get(&desk.path()).await.ok().has("REF-12345"));
    let to = desk.colleague();
    assert!(desk.act("assign", &[("to", &to)]).await.contains("has the case now"));
    assert_eq!(desk.case().await.specialist.unwrap().to_string(), to);
    assert!(desk.act("return", &[("text", "Please send the letter.")]).await.contains("is asked, in your words"));
    // Another line: who works this one alone sees it no longer.
    let line = desk.house.desk.lines[1].id.0.clone();
    let supervisor = desk.house.admin().await;
    desk.client = supervisor;
    assert!(desk.act("line", &[("line", &line)]).await.contains("The case is of"));
    let topic = desk.house.desk.topics[0].id.clone();
    assert!(desk.act("redirect", &[("topic", &topic)]).await.contains("the case is closed"));
    let case = desk.case().await;
    assert_eq!((case.status, case.line.unwrap().0), (Status::Resolved, line));
    let mails: Vec<_> = case.mails.iter().map(|mail| mail.template).collect();
    for template in [Template::Assignment, Template::Return, Template::Redirect] {
        assert!(mails.contains(&template), "{template}: {mails:?}");
    }
    assert!(desk.house.store.audit_verify().await.unwrap().broken.is_empty());
    let _ = desk_id;
}

#[tokio::test]
async fn messages_are_split_off_and_cases_joined() {
    let mut desk = Desk::new().await;
    let inside = format!("jo.field@{}", desk.house.desk.internal_domains[0]);
    let reply = format!(
        "Authentication-Results: mx.desk.example; dmarc=pass header.from={}\r\nFrom: Jo <{inside}>\r\n\
         Subject: Re: the card\r\nMessage-ID: <more@x>\r\nIn-Reply-To: <request.0@example.org>\r\n\r\n\
         Her sister needs a new card as well.\r\n",
        desk.house.desk.internal_domains[0]
    );
    desk.house.deliver(&desk.house.desk, reply.as_bytes());
    desk.house.work().await;
    assert!(desk.act("split", &[]).await.contains("The newest message is case"));
    let all = desk.house.store.cases(Some(&desk.house.desk.id), false).await.unwrap();
    assert_eq!(all.len(), 2);
    let other = all.iter().map(|case| case.number.0.clone()).find(|number| *number != desk.number).unwrap();
    let page = desk.client.get(&desk.path()).await.ok();
    assert!(page.has(&format!("/cases/{}/{other}", desk.house.desk.id)), "the cases are linked");
    assert!(desk.act("merge", &[("number", &other)]).await.contains("goes on as part of"));
    assert_eq!(desk.case().await.status, Status::Resolved);
    let page = desk.client.get(&format!("/cases/{}/{other}", desk.house.desk.id)).await.ok();
    assert!(page.has(&format!("in {}", desk.number)), "what happened in the joined case is told there");
}

#[tokio::test]
async fn what_is_refused_is_said_beside_its_field_and_what_was_typed_stays() {
    let mut desk = Desk::new().await;
    let path = desk.path();
    let before = desk.case().await;
    for (action, fields, told, typed) in [
        ("note", vec![("text", " ")], "words behind #note are missing", ""),
        ("next-update", vec![("date", "2026-11-02"), ("time", "")], "next-update-date-fault", "2026-11-02"),
        ("merge", vec![("number", "NOPE-<b>")], "is no case number", "NOPE-&lt;b&gt;"),
        ("assign", vec![("to", "nobody@else.example")], "no address of this desk", ""),
        ("resume", vec![], "is not paused", ""),
        ("field", vec![("field", "member_id"), ("value", "\"?\"")], "field-value-fault", "&quot;?&quot;"),
        ("opportunity", vec![("kind", "training"), ("text", "")], "missing", ""),
    ] {
        desk.client.get(&path).await.ok();
        let form = Uuid::new_v4().to_string();
        let mut all = vec![("act", form.as_str())];
        all.extend(fields);
        let page = desk.client.post(&format!("{path}/do/{action}"), &all).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{action}");
        assert!(page.has(told) && page.has(typed) && page.has("role=\"alert\""), "{action}: {}", page.text());
        assert!(page.has("<details name=\"action\" open>"), "{action}: its form stays open");
    }
    let bad = [("text", "Hello\n#note he lies"), ("then", "external"), ("until", "2020-01-01")];
    let page = desk.answer(&bad, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["begins like a command", "answer-until-fault", "Hello\n#note he lies", "choose them again"] {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    let after = desk.case().await;
    assert_eq!(
        (after.mails, after.notes, after.clocks, after.status),
        (before.mails, before.notes, before.clocks, before.status)
    );
    assert_eq!(desk.client.post(&format!("{path}/do/nonsense"), &[("act", "x")]).await.status, StatusCode::NOT_FOUND);
    let bare = desk.client.post_bare(&format!("{path}/do/note"), &[("text", "x")]).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "no token");
}

#[tokio::test]
async fn the_same_form_sent_twice_acts_once() {
    let mut desk = Desk::new().await;
    let path = desk.path();
    desk.client.get(&path).await.ok();
    let form = Uuid::new_v4().to_string();
    for told in ["The note is kept", "was sent before"] {
        let page = desk.client.post(&format!("{path}/do/note"), &[("act", &form), ("text", "Called.")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert!(desk.client.get(&path).await.ok().has(told), "{told}");
    }
    assert_eq!(desk.case().await.notes.len(), 1);
}

#[tokio::test]
async fn a_mail_that_was_wrong_is_corrected_or_withdrawn() {
    let mut desk = Desk::new().await;
    let path = desk.path();
    assert_eq!(desk.answer(&[("text", "It is lost."), ("then", "")], &[]).await.status, StatusCode::SEE_OTHER);
    desk.house.work().await;
    let outbox = desk.house.store.outbox(None, true).await.unwrap();
    let wrong = outbox.iter().find(|mail| mail.template == Template::Answer).unwrap().id;
    let correct = format!("{path}/mails/{wrong}/correct");
    desk.client.get(&path).await.ok();
    let page = desk.client.post(&correct, &[("how", "correct"), ("words", " ")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.has("Write what is right"), "{}", page.text());
    let page = desk.client.post(&correct, &[("how", "correct"), ("words", "It is on its way.")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    let page = desk.client.get(&path).await.ok();
    assert!(page.has("sent, then corrected") && page.has("asks to disregard it"), "{}", page.text());
    desk.house.work().await;
    assert!(desk.house.sent().pop().unwrap().contains("It is on its way"));
    let page = desk.client.post(&correct, &[("how", "withdraw")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.has("already"), "{}", page.text());
    let mut stranger = desk.house.stranger().await;
    stranger.get("/sessions").await.ok();
    assert_eq!(stranger.post(&correct, &[("how", "withdraw")]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_foreign_is_not_there() {
    let mut desk = Desk::new().await;
    let path = desk.path();
    let page = desk.client.get(&path).await.ok().text();
    let message = page.split("/messages/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let other_line = desk.house.desk.lines[1].id.0.clone();
    let role = mailclerk::desk::access::AccountRole::Specialist;
    let other = desk.house.staff(&desk.house.desk, mailclerk::desk::Role::Specialist, Some(&other_line));
    let missing = desk.client.get(&format!("/cases/{}/{}", desk.house.desk.id, "NONE-1")).await;
    for mut client in [desk.house.browser(&other, role).await, desk.house.stranger().await] {
        client.get("/sessions").await.ok();
        for path in [
            path.clone(),
            format!("/messages/{message}/raw"),
            format!("/messages/{message}/html"),
            format!("/messages/{message}/attachments/0"),
            format!("/cases/second/{}", desk.number),
        ] {
            let page = client.get(&path).await;
            assert_eq!((page.status, page.text().len()), (StatusCode::NOT_FOUND, page.text().len()), "{path}");
            assert!(!page.has("Whitfield"), "{path}");
        }
        let act = Uuid::new_v4().to_string();
        let page = client.post(&format!("{path}/do/note"), &[("act", &act), ("text", "x")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let mut visitor = desk.house.visitor();
    assert_eq!(visitor.get(&path).await.status, StatusCode::SEE_OTHER);
    assert!(desk.case().await.notes.is_empty());
}

/// A request with HTML and files whose names mean harm.
fn hostile(house: &House) -> Vec<u8> {
    let request = house.request(&house.desk, 0, Fate::Accepted);
    let raw = String::from_utf8(request.raw).unwrap();
    let (head, text) = raw.split_once("\r\n\r\n").unwrap();
    let head = head.replace("Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/mixed; boundary=m");
    let long = "n".repeat(300);
    let names = ["a\"b.pdf", "=?utf-8?Q?a=0D=0ASet-Cookie:_x?=", "evil\u{202e}fdp.exe", &long];
    let files: String = names
        .iter()
        .map(|name| {
            let name = name.replace('"', "\\\"");
            format!(
                "--m\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n\
                 <script>{}</script>\r\n",
                name.len()
            )
        })
        .collect();
    format!(
        "{head}\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p onclick=x()>Hello <b>bold</b><script>x()</script><img src=\"https://else.example/p.png\">\
         <a href=\"https://else.example\">go</a></p>\r\n--a--\r\n{files}--m--\r\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn a_message_is_shown_in_a_document_of_its_own_and_files_are_only_saved() {
    let house = House::new().await;
    house.deliver(&house.desk, &hostile(&house));
    house.work().await;
    let number = house.store.cases(Some(&house.desk.id), false).await.unwrap()[0].number.0.clone();
    let mut client = house.admin().await;
    let path = format!("/cases/{}/{number}", house.desk.id);
    let page = client.get(&path).await.ok();
    assert!(page.has("<iframe class=\"frame\" sandbox=\"\" loading=\"lazy\""), "{}", page.text());
    let text = page.text();
    let message = text.split("/messages/").nth(1).unwrap().split('/').next().unwrap().to_owned();

    let html = client.get(&format!("/messages/{message}/html")).await.ok();
    let policy = html.header("content-security-policy");
    for part in ["sandbox;", "default-src 'none'", "img-src data:", "frame-ancestors 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("allow"), "{policy}");
    assert_eq!((html.header("x-content-type-options"), html.header("cache-control")), ("nosniff", "no-store"));
    assert!(html.has("<b>bold</b>"), "{}", html.text());
    for harm in ["script", "else.example", "onclick"] {
        assert!(!html.has(harm), "{harm}: {}", html.text());
    }
    for place in 0..4 {
        let file = client.get(&format!("/messages/{message}/attachments/{place}")).await.ok();
        assert_eq!(file.header("content-type"), "application/octet-stream");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").contains("sandbox"), "{place}");
        let name = file.header("content-disposition").to_owned();
        assert!(name.starts_with("attachment; filename=\"") && name.is_ascii() && name.len() < 600, "{name}");
        assert!(!name.contains("%E2%80%AE") && !name.contains("%0D") && !name.contains("%0A"), "{name}");
        assert!(file.header("set-cookie").is_empty());
    }
    assert_eq!(client.get(&format!("/messages/{message}/attachments/4")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get(&format!("/messages/{}/html", Uuid::nil())).await.status, StatusCode::NOT_FOUND);
    let raw = client.get(&format!("/messages/{message}/raw")).await.ok();
    assert_eq!(raw.header("content-type"), "application/octet-stream");
    assert!(raw.header("content-disposition").ends_with(".eml"), "{}", raw.header("content-disposition"));
    assert!(raw.has("else.example"), "the mail as it came");
    // Every look is a row of the audit trail.
    let events = house.store.case_view(&CaseNumber(number)).await.unwrap().pop().unwrap().history;
    let count = |kind| events.iter().filter(|one| one.event == kind).count();
    assert!(count(EventKind::Viewed) >= 2, "the page, and the message's HTML");
    assert!(count(EventKind::Exported) >= 5, "four files and the mail");
}
