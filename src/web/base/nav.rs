//! What leads from page to page.

use super::{PageError, SignedIn};
use crate::desk::access::Realm;
use crate::store::Count;
use serde::Serialize;

/// One entry of the navigation.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    href: String,
    name: &'static str,
    /// Whether the page that is shown belongs to it.
    is_current: bool,
    /// How many wait there, where there are any.
    count: Option<String>,
    /// What is counted.
    counted: &'static str,
}

/// A number that is worth a look; `99+` where there are more than are counted.
fn number(count: Count) -> Option<String> {
    (count.n > 0).then(|| format!("{}{}", count.n, if count.more { "+" } else { "" }))
}

/// The entries for somebody: what they may not see is not there.
pub(super) async fn entries(who: &SignedIn) -> Result<Vec<Entry>, PageError> {
    let path = who.path.split('?').next().unwrap_or_default();
    if who.site.realm() == Realm::Partners {
        let entry = |href: &str, name, is_current| {
            let (count, counted) = (None, "");
            Entry { href: href.to_owned(), name, is_current, count, counted }
        };
        let is_new = path.starts_with("/new");
        return Ok(vec![entry("/", "Your requests", path == "/"), entry("/new", "New request", is_new)]);
    }
    let desk = who.access.desks.first().map(|one| format!("/desk/{}", one.desk));
    let supervises = who.access.supervises();
    let waiting = who.site.store().waiting(&who.access, who.site.now()).await?;
    let all = [
        ("/".to_owned(), "Today", true, &["/"][..]),
        ("/queue".to_owned(), "Queue", true, &["/queue", "/cases/"]),
        ("/held".to_owned(), "Held", supervises, &["/held"]),
        ("/mail".to_owned(), "Mail", supervises, &["/mail"]),
        ("/new".to_owned(), "New case", desk.is_some(), &["/new"]),
        ("/people".to_owned(), "People", supervises, &["/people"]),
        (desk.clone().unwrap_or_default(), "Desk", desk.is_some(), &["/desk"]),
        ("/audit".to_owned(), "Audit", supervises, &["/audit"]),
    ];
    let shown = all.into_iter().filter(|(_, _, is_shown, _)| *is_shown);
    let entries = shown.map(|(href, name, _, under)| Entry {
        is_current: under.iter().any(|start| path == *start || (*start != "/" && path.starts_with(start))),
        count: match name {
            "Queue" => number(waiting.overdue),
            "Held" => number(waiting.held),
            "Mail" => number(waiting.mails),
            _ => None,
        },
        counted: if name == "Queue" { "overdue" } else { "waiting" },
        href,
        name,
    });
    Ok(entries.collect())
}
