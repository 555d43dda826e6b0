//! Forms, headers, hosts and errors: what every page stands on.

use super::support::House;
use axum::http::{Method, StatusCode};
use mailclerk::settings::Web;

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let house = House::new().await;
    let page = house.visitor().get("/sessions?x=1").await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fsessions%3Fx%3D1"));
    let page = house.visitor().post("/sessions/end", &[("session", "others")]).await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/sign-in"));
    let mut browser = house.specialist().await;
    browser.get("/sessions").await.ok();
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.has("Nothing here"), "{}", page.text());
    // Signed in, the page for signing in leads on, to pages of ours only.
    assert_eq!(browser.get("/sign-in?next=%2Fqueue").await.location(), "/queue");
    assert_eq!(browser.get("/sign-in?next=%2F%2Fevil.net").await.location(), "/");
}

#[tokio::test]
async fn a_form_without_its_own_token_does_nothing() {
    let house = House::new().await;
    let (mut browser, other) = (house.specialist().await, house.supervisor().await);
    let mut again = house.specialist().await;
    let own = browser.csrf.clone();
    assert!(!own.is_empty() && own != other.csrf && own != again.csrf);
    let lists: [&[&str]; 7] = [&[], &[""], &["x"], &[&other.csrf], &[&again.csrf], &[&own[..31]], &[&own, &own]];
    for tokens in lists {
        let mut fields = vec![("session", "others")];
        fields.extend(tokens.iter().map(|token| ("csrf", *token)));
        let page = browser.post_bare("/sessions/end", &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{tokens:?}");
        assert!(page.has("nothing was done"), "{}", page.text());
    }
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
        let mut elsewhere = browser.clone().with(name, value);
        let page = elsewhere.post("/sessions/end", &[("session", "others")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let body = format!("csrf={own}&session=others").into_bytes();
    let kind = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.net")];
    assert_eq!(browser.send(Method::POST, "/sessions/end", &kind, body).await.status, StatusCode::FORBIDDEN);
    again.get("/sessions").await.ok();
    browser.csrf = own;
    assert_eq!(browser.post("/sessions/end", &[("session", "others")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(again.get("/sessions").await.status, StatusCode::SEE_OTHER, "that session is over");
}

#[tokio::test]
async fn every_answer_is_protected() {
    let house = House::new().await;
    let mut browser = house.specialist().await;
    for path in ["/sessions", "/nowhere", "/sign-in"] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        let said = ["x-content-type-options", "referrer-policy", "cache-control", "cross-origin-opener-policy"];
        assert_eq!(said.map(|name| page.header(name)), ["nosniff", "no-referrer", "no-store", "same-origin"]);
        assert_eq!(page.header("strict-transport-security"), "", "the browser speaks no TLS here");
        assert!(!page.has("<script") && !page.has(" style=") && !page.has(" onclick="), "{path}");
    }
    let text = house.visitor().get("/sign-in").await.text();
    let style = text.split("href=\"/style-").nth(1).expect("a stylesheet").split('"').next().expect("its name");
    let style = house.visitor().get(&format!("/style-{style}")).await.ok();
    assert!(
        style.header("cache-control").contains("immutable") && style.header("content-type").starts_with("text/css")
    );
}

#[tokio::test]
async fn other_hosts_and_methods_and_large_bodies_are_refused() {
    let house = House::new().await;
    let mut rebound = house.specialist().await.with("host", "evil.net:8025");
    let page = rebound.get("/sessions").await;
    assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(!page.has("evil.net"));
    let mut browser = house.specialist().await;
    assert_eq!(browser.send(Method::DELETE, "/sessions", &[], vec![]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let long = "x".repeat(1024 * 1024);
    let page = browser.post("/sessions/end", &[("session", &long)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", page.text());
    let broken = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let page = browser.send(Method::POST, "/sessions/end", &broken, b"csrf=%FF%FE&&&=".to_vec()).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    let json = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    let page = browser.send(Method::POST, "/sessions/end", &json, b"{}".to_vec()).await;
    assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{}", page.text());
    assert!(page.has("That was not understood"));
}

#[tokio::test]
async fn behind_tls_cookies_are_bound_to_the_host() {
    let house = House::with(Web::usual(), Some("https://desk.example.com")).await;
    let mut visitor = house.visitor().with("host", "desk.example.com");
    let page = visitor.get("/sign-in").await.ok();
    let cookie = page.header("set-cookie");
    assert!(cookie.starts_with("__Host-mailclerk-visitor=") && cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("; Path=/") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(page.header("strict-transport-security").starts_with("max-age="));
    // A cookie that anybody of the same domain may set is not ours.
    let token = visitor.cookies.remove("__Host-mailclerk-visitor").expect("a cookie");
    visitor.cookies.insert("mailclerk-visitor".to_owned(), token);
    assert!(visitor.get("/sign-in").await.header("set-cookie").starts_with("__Host-mailclerk-visitor="));
}

#[tokio::test]
async fn the_listener_serves_until_it_is_stopped() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = House::new().await;
    let listener = mailclerk::web::base::bind(([127, 0, 0, 1], 0).into()).await.expect("a free port");
    let address = listener.address().expect("its address");
    assert!(mailclerk::web::base::bind(address).await.is_err(), "the port is taken");
    let stop = tokio_util::sync::CancellationToken::new();
    let serving = tokio::spawn(listener.serve(mailclerk::web::console::routes(&house.site), stop.clone()));
    let mut socket = tokio::net::TcpStream::connect(address).await.expect("connected");
    let request = format!("GET /sign-in HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("asked");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("Passphrase"), "{answer}");
    // An idle connection does not keep it.
    let _idle = tokio::net::TcpStream::connect(address).await.expect("connected");
    stop.cancel();
    serving.await.expect("it ended");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
