//! A browser without a window: it keeps cookies, and sends back the token of the last form that it saw.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use mailclerk::web::base::Peer;
use std::collections::BTreeMap;
use std::net::IpAddr;
use tower::ServiceExt;

/// The most bytes of a page.
const MOST: usize = 64 * 1024 * 1024;

/// A browser.
#[derive(Clone)]
pub struct Client {
    routes: Router,
    /// Names and values.
    pub cookies: BTreeMap<String, String>,
    /// The token of the newest form.
    pub csrf: String,
    /// Sent with every request.
    pub headers: HeaderMap,
    /// Where it connects from.
    pub peer: IpAddr,
    /// Who is signed in.
    pub email: String,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Where it leads; empty where it leads nowhere.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Whether the page holds this, as it is written in HTML.
    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// The token of its first form; empty where there is none.
    pub fn csrf(&self) -> String {
        let text = self.text();
        let after = text.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
        after.split('"').next().unwrap_or_default().to_owned()
    }

    /// Every value of a field with this name.
    pub fn values(&self, field: &str) -> Vec<String> {
        let text = self.text();
        let mark = format!("name=\"{field}\" value=\"");
        text.split(&mark).skip(1).map(|after| after.split('"').next().unwrap_or_default().to_owned()).collect()
    }

    /// Fails the test where it is no page.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self
    }
}

impl Client {
    pub(super) fn new(routes: Router) -> Self {
        let peer = IpAddr::from([127, 0, 0, 1]);
        Self {
            routes,
            cookies: BTreeMap::new(),
            csrf: String::new(),
            headers: HeaderMap::new(),
            peer,
            email: String::new(),
        }
    }

    /// Sends this header with every request from now on.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, value.parse().expect("a header's value"));
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// Sends a form as our own pages do, with the newest token.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.clone();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post_bare(path, &all).await
    }

    /// Sends a form with exactly these fields.
    pub async fn post_bare(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = serde_urlencoded::to_string(fields).expect("a form");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &headers, body.into_bytes()).await
    }

    /// Sends a form with files, as our own pages do: (field, file's name, bytes).
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Page {
        const BOUNDARY: &str = "----boundary-of-a-test";
        let csrf = self.csrf.clone();
        let mut body = Vec::new();
        for (name, value) in std::iter::once(&("csrf", csrf.as_str())).chain(fields) {
            let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(head.as_bytes());
        }
        for (name, file, bytes) in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.as_bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("content-type", kind.as_str()), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &headers, body).await
    }

    /// Signs in with address and passphrase; fails the test where that does not lead to a page.
    pub async fn sign_in(&mut self, email: &str, passphrase: &str) {
        self.get("/sign-in").await.ok();
        let page = self.post("/sign-in", &[("email", email), ("passphrase", passphrase)]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
        self.get("/sessions").await.ok();
        email.clone_into(&mut self.email);
    }

    pub async fn send(&mut self, method: Method, path: &str, more: &[(&str, &str)], body: Vec<u8>) -> Page {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8025");
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        request.extensions_mut().insert(Peer(self.peer));
        let answer = self.routes.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, MOST).await.expect("a body").to_vec();
        let page = Page { status: parts.status, headers: parts.headers, bytes };
        self.keep(&page);
        page
    }

    fn keep(&mut self, page: &Page) {
        for cookie in page.headers.get_all("set-cookie") {
            let text = cookie.to_str().expect("text");
            let (name, rest) = text.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let csrf = page.csrf();
        if !csrf.is_empty() {
            self.csrf = csrf;
        }
    }
}
