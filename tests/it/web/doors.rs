//! Every way into the console, as its own source names them: nobody passes without a session, and no form without its
//! token.

use super::support::House;
use axum::http::{Method, StatusCode};
use std::collections::BTreeSet;
use walkdir::WalkDir;

/// The paths of all routes of the console, as they stand in the source.
fn paths() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/console");
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(folder).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file()) {
        let text = std::fs::read_to_string(entry.path()).expect("a source file");
        for after in text.split(".route(").skip(1) {
            found.extend(after.split('"').nth(1).filter(|path| path.starts_with('/')).map(str::to_owned));
        }
    }
    found
}

/// A path with something in each of its places.
fn filled(path: &str, desk: &str) -> String {
    let part = |part: &str| match part {
        "{desk}" => desk.to_owned(),
        part if part.starts_with('{') => "01234567-89ab-cdef-0123-456789abcdef".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn nobody_passes_without_a_session_or_a_token() {
    let house = House::new().await;
    let paths = paths();
    assert!(paths.len() > 10, "{paths:?}");
    let mut admin = house.admin().await;
    let (before, mut posts) = (house.store.cases(None, false).await.expect("cases").len(), 0);
    for path in &paths {
        let path = filled(path, &house.desk.id);
        for method in [Method::GET, Method::POST] {
            let page = house.visitor().send(method.clone(), &path, &[], Vec::new()).await;
            let is_sent_away = page.status == StatusCode::SEE_OTHER && page.location().starts_with("/sign-in");
            assert!(is_sent_away || page.status == StatusCode::METHOD_NOT_ALLOWED, "{method} {path}: {}", page.status);
        }
        let kind = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        let forms = [kind, [("content-type", "multipart/form-data; boundary=x"), ("sec-fetch-site", "same-origin")]];
        for headers in forms {
            let page = admin.send(Method::POST, &path, &headers, b"csrf=wrong&x=y".to_vec()).await;
            let refused = [StatusCode::FORBIDDEN, StatusCode::METHOD_NOT_ALLOWED, StatusCode::UNSUPPORTED_MEDIA_TYPE];
            let is_no_form = page.status == StatusCode::BAD_REQUEST;
            assert!(refused.contains(&page.status) || is_no_form, "POST {path}: {}", page.status);
            posts += usize::from(page.status == StatusCode::FORBIDDEN);
        }
    }
    assert!(posts > 5, "{posts} forms were refused");
    assert_eq!(house.store.cases(None, false).await.expect("cases").len(), before);
}
