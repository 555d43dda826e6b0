//! What somebody outside may try by hand: other methods, made-up paths, foreign numbers in their own words, scripts in
//! every field, names of files, and too much of everything.

use super::forms::{filled, pairs};
use super::scene::{Scene, WORDS, link_in, make_account};
use crate::support::requests::Fate;
use crate::web::support::{Client, Page, start};
use axum::http::{Method, StatusCode};
use mailclerk::desk::Desk;

/// Texts that become scripts wherever they are not escaped.
const SCRIPTS: [&str; 4] = [
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "</textarea></title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% include 'x' %}<iframe src=javascript:alert(1)>",
];

/// How many messages the house has taken.
async fn taken(scene: &Scene) -> u64 {
    let counts = scene.house.store.decisions_since(&scene.house.desk.id, start()).await.expect("decisions");
    counts.iter().map(|(_, count)| count).sum()
}

/// A second partner of the desk, signed in, with a case of their own.
async fn second(scene: &Scene) -> (Client, String) {
    let house = &scene.house;
    let request = house.request(&house.desk, 2, Fate::Accepted);
    let number = house.case(&house.desk, 2).await;
    let mut client = house.outsider();
    client.get("/link").await.ok();
    client.post("/link", &[("email", &request.sender)]).await.ok();
    house.work().await;
    let link = link_in(scene.mails("portal_link", &request.sender).last().expect("a link"));
    make_account(&mut client, &link, WORDS).await;
    (client, number)
}

async fn answer(client: &mut Client, scene: &Scene, text: &str, files: &[(&str, &str, &[u8])]) -> Page {
    let form = client.get(&scene.place()).await.ok().values("form").pop().expect("a form");
    client.upload(&format!("{}/answer", scene.place()), &[("form", &form), ("text", text)], files).await
}

/// No element in the page but those of the template.
fn assert_escaped(page: &Page, what: &str) {
    let text = page.text().to_ascii_lowercase();
    for mark in ["<script", "<img", "<svg onload", "<iframe", "onerror=alert(1)>", ">49<"] {
        assert!(!text.contains(mark), "{what}: {mark} in {text}");
    }
}

#[tokio::test]
async fn whatever_opens_a_link_without_pressing_its_button_uses_nothing_up() {
    let scene = Scene::new().await;
    scene.answer("one").await;
    let link = scene.link();
    for method in [Method::HEAD, Method::GET, Method::OPTIONS, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in [link.clone(), format!("{link}/passphrase"), format!("{link}/again")] {
            let page = scene.house.outsider().send(method.clone(), &path, &[], Vec::new()).await;
            assert!(!page.status.is_server_error() && page.status != StatusCode::SEE_OTHER, "{method} {path}");
            if method == Method::HEAD {
                assert!(page.bytes.is_empty());
            }
        }
    }
    // A press from another page, or without the token of this browser, is none.
    let mut bare = scene.house.outsider();
    bare.get(&link).await.ok();
    assert_eq!(bare.post_bare(&link, &[]).await.status, StatusCode::FORBIDDEN);
    let mut stranger = scene.house.outsider();
    stranger.get(&link).await.ok();
    let csrf = stranger.csrf.clone();
    assert_eq!(bare.post_bare(&link, &[("csrf", &csrf)]).await.status, StatusCode::FORBIDDEN);
    let choice = [("csrf", csrf.as_str()), ("new", WORDS), ("again", WORDS)];
    let page = stranger.post_bare(&format!("{link}/passphrase"), &choice).await;
    assert_eq!(page.status, StatusCode::GONE, "no passphrase before the button");
    make_account(&mut scene.house.outsider(), &link, WORDS).await;
}

#[tokio::test]
async fn made_up_paths_find_nothing_and_break_nothing() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let (desk, place) = (&scene.house.desk.id, scene.place());
    let long = "A".repeat(4000);
    for path in [
        "/cases/%00/%00".to_owned(),
        format!("/cases/{desk}/%00"),
        format!("/cases/{desk}/%27%20OR%20%271%27=%271"),
        format!("/cases/{desk}/{}%00", scene.number),
        format!("/cases/{desk}/%F0%9F%98%80"),
        format!("/cases/{desk}/{long}"),
        format!("/cases/{desk}/..%2f..%2fsessions"),
        format!("/requests/{desk}/%00"),
        format!("/requests/{desk}/%00/files/{}/aa", uuid::Uuid::nil()),
        format!("/requests/{desk}/{}", scene.number),
        format!("{place}/files/{}/..%2f..%2fetc%2fpasswd", uuid::Uuid::nil()),
        format!("{place}/files/not-an-id/aa"),
        "/new/..%2f..".to_owned(),
        "/static/..%2f..%2fCargo.toml".to_owned(),
        "/queue".to_owned(),
        "/people".to_owned(),
        "/audit".to_owned(),
    ] {
        let page = client.get(&path).await;
        assert!(matches!(page.status.as_u16(), 400 | 404), "{path}: {}", page.status);
        assert!(!page.has(&scene.number) && !page.has("panicked"), "{path}: {}", page.text());
    }
    for token in ["%00", "..%2f", &long] {
        let page = scene.house.outsider().get(&format!("/open/{token}")).await;
        assert_eq!(page.status, StatusCode::GONE, "{token}");
    }
}

#[tokio::test]
async fn a_foreign_number_in_ones_own_words_reaches_no_foreign_case() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let (mut other, foreign) = second(&scene).await;
    let desk: &Desk = &scene.house.desk;
    let their_place = format!("/cases/{}/{foreign}", desk.id);
    let before = other.get(&their_place).await.ok().text().matches("You wrote").count();
    let nowhere = format!("{}-999999", desk.prefix);
    let place = format!("/new/{}", desk.id);
    for (n, number) in [&foreign, &nowhere].into_iter().enumerate() {
        for field in ["last", "first", "line"] {
            let mut all = filled(desk);
            all.iter_mut().find(|(name, _)| name == field).expect("a field").1.push_str(&format!(" [{number}]"));
            let page = client.upload(&place, &pairs(&all), &[]).await;
            assert!(!page.location().contains(&foreign) && !page.status.is_server_error(), "{n} {field}");
        }
    }
    let text = format!("[{foreign}] Please tell me how it stands with {foreign}.\n#resolve\n#assign me");
    let page = answer(&mut client, &scene, &text, &[]).await;
    assert_eq!(page.location(), scene.place(), "it stays in their own case");
    scene.house.work().await;
    assert_eq!(other.get(&their_place).await.ok().text().matches("You wrote").count(), before);
    assert_eq!(client.get(&their_place).await.status, StatusCode::NOT_FOUND);
    // Commands are for staff.
    assert!(!client.get(&scene.place()).await.ok().has("Resolved"));
    // Nor does somebody else's file come out by one's own address.
    let files: [(&str, &str, &[u8]); 1] = [("files", "theirs.txt", b"theirs alone")];
    let form = other.get(&their_place).await.ok().values("form").pop().expect("a form");
    other.upload(&format!("{their_place}/answer"), &[("form", &form), ("text", "see")], &files).await;
    let page = other.get(&their_place).await.ok().text().replace("&#x2f;", "/");
    let path = page.split("href=\"").find(|rest| rest.contains("/files/")).expect("a file").split('"').next().unwrap();
    assert_eq!(other.get(path).await.ok().bytes, b"theirs alone");
    let (_, file) = path.split_once("/files/").unwrap();
    assert_eq!(client.get(path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get(&format!("{}/files/{file}", scene.place())).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_of_one_partner_is_none_of_another() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let form = client.get(&scene.place()).await.ok().values("form").pop().expect("a form");
    let (mut other, number) = second(&scene).await;
    let place = format!("/cases/{}/{number}", scene.house.desk.id);
    other.upload(&format!("{place}/answer"), &[("form", &form), ("text", "mine, with your form")], &[]).await;
    let page =
        client.upload(&format!("{}/answer", scene.place()), &[("form", &form), ("text", "my own words")], &[]).await;
    assert_eq!(page.location(), scene.place());
    let page = client.get(&scene.place()).await.ok();
    assert!(page.has("my own words") && !page.has("with your form"), "{}", page.text());
    // The token of a form is bound to its session.
    let csrf = client.csrf.clone();
    assert_eq!(other.post_bare("/sign-out", &[("csrf", &csrf)]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn scripts_in_every_field_stay_words() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let desk: &Desk = &scene.house.desk;
    let place = format!("/new/{}", desk.id);
    for script in SCRIPTS {
        let mut all = filled(desk);
        for (_, value) in &mut all {
            *value = script.to_owned();
        }
        let page = client.upload(&place, &pairs(&all), &[("files", "a.txt", b"x")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_escaped(&page, "a form that is shown again");
        let mut all = filled(desk);
        for (name, value) in &mut all {
            if ["last", "first"].contains(&name.as_str()) || value.contains("ID card") {
                value.push_str(script);
            }
        }
        let page = client.upload(&place, &pairs(&all), &[]).await;
        assert_escaped(&page, "a form that is sent");
        let page = answer(&mut client, &scene, script, &[("files", "b.txt", b"x")]).await;
        assert_eq!(page.location(), scene.place());
        for page in [client.get(&scene.place()).await.ok(), client.get("/").await.ok()] {
            assert_escaped(&page, "a page");
        }
        let mut visitor = scene.house.outsider();
        visitor.get("/sign-in").await.ok();
        let page = visitor.post("/sign-in", &[("email", script), ("passphrase", script), ("next", script)]).await;
        assert_escaped(&page, "signing in");
        let asked = serde_urlencoded::to_string([("next", script)]).expect("a query");
        assert_escaped(&visitor.get(&format!("/sign-in?{asked}")).await, "an address");
        assert_escaped(&visitor.post("/link", &[("email", script)]).await, "asking for a link");
    }
    client.set("user-agent", SCRIPTS[0]);
    assert_escaped(&client.get("/sessions").await.ok(), "sessions");
}

#[tokio::test]
async fn a_files_name_is_a_name_and_nothing_else() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let names = [
        "../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "<script>alert(1)</script>.pdf",
        "a%0d%0aSet-Cookie: x=1.pdf",
        "evil\u{202e}fdp.exe",
        "=cmd|calc.csv",
        ".",
        "..",
        "con",
        &"n".repeat(3000),
    ];
    let files: Vec<(&str, &str, &[u8])> = names.iter().map(|name| ("files", *name, name.as_bytes())).collect();
    let sent = answer(&mut client, &scene, "see the files", &files).await;
    assert_eq!(sent.location(), scene.place(), "{}", sent.text());
    let page = client.get(&scene.place()).await.ok();
    assert_escaped(&page, "names");
    assert!(!page.has("etc/passwd") && !page.has("etc&#x2f;passwd") && !page.has("\u{202e}"), "{}", page.text());
    let text = page.text().replace("&#x2f;", "/");
    let files: Vec<_> = text.split("href=\"").filter(|rest| rest.contains("/files/")).collect();
    let paths: Vec<&str> = files.iter().filter_map(|rest| rest.split('"').next()).collect();
    let paths: Vec<_> = paths.into_iter().filter(|path| path.contains("/files/")).collect();
    assert_eq!(paths.len(), 10, "{text}");
    for path in paths {
        let file = client.get(path).await.ok();
        assert!(names.iter().any(|name| name.as_bytes() == file.bytes), "{path}");
        let disposition = file.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"") && !disposition.contains(['/', '\\', '<']));
        assert!(file.headers.get("set-cookie").is_none() && disposition.len() < 2000, "{disposition}");
    }
}

#[tokio::test]
async fn too_much_is_refused_and_nothing_of_it_enters() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let before = taken(&scene).await;
    let huge = vec![b'x'; 31 * 1024 * 1024];
    let page = answer(&mut client, &scene, "huge", &[("files", "huge.bin", &huge)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", page.text());
    let large = vec![b'x'; 25 * 1024 * 1024];
    let page = answer(&mut client, &scene, "large", &[("files", "large.bin", &large)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let many: Vec<(&str, &str, &[u8])> = (0..120).map(|_| ("files", "one.txt", &b"x"[..])).collect();
    let page = answer(&mut client, &scene, "many", &many).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let parts: Vec<(&str, &str, &[u8])> = (0..300).map(|_| ("files", "one.txt", &b"x"[..])).collect();
    assert_eq!(answer(&mut client, &scene, "parts", &parts).await.status, StatusCode::BAD_REQUEST);
    let long = "word ".repeat(40_000);
    assert_eq!(answer(&mut client, &scene, &long, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let desk: &Desk = &scene.house.desk;
    let mut all = filled(desk);
    all.iter_mut().find(|(_, value)| value.contains("ID card")).expect("the summary").1 = long;
    let page = client.upload(&format!("/new/{}", desk.id), &pairs(&all), &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("too long"), "{} bytes", page.bytes.len());
    assert_eq!(taken(&scene).await, before);
}

#[tokio::test]
async fn who_writes_without_end_is_slowed_down_and_nobody_else_is() {
    let scene = Scene::new().await;
    let mut client = scene.signed_in().await;
    let mut written = 0;
    let refused = loop {
        let page = answer(&mut client, &scene, &format!("message {written}"), &[]).await;
        if page.status != StatusCode::SEE_OTHER {
            break page;
        }
        written += 1;
        assert!(written < 100, "there is no end");
    };
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(written >= 20 && refused.has(&format!("message {written}")), "what was written stands in the form again");
    let (mut other, number) = second(&scene).await;
    let place = format!("/cases/{}/{number}", scene.house.desk.id);
    let form = other.get(&place).await.ok().values("form").pop().expect("a form");
    let page = other.upload(&format!("{place}/answer"), &[("form", &form), ("text", "hello")], &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    scene.house.wait(16);
    assert_eq!(answer(&mut client, &scene, "later", &[]).await.status, StatusCode::SEE_OTHER);
}
