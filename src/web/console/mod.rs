//! The pages for staff, one file a page.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `today` | the day as it stands, and one's own list |
//! | `queue`, `queue_ask`, `due_words` | lists of cases, finding one, taking one |
//! | `mail`, `html_of_mail` | what goes out; HTML in its sandbox |
//! | `audit`, `trail_file` | the audit trail, also as a file |
//! | `history`, `history_page` | a case's history as a file |

mod audit;
mod due_words;
pub mod history;
mod history_page;
mod html_of_mail;
mod mail;
mod queue;
mod queue_ask;
mod today;
pub mod trail_file;

use super::base::{self, Site};
use axum::Router;

/// All pages of the console, with what every page stands on around them.
pub fn routes(site: &Site) -> Router {
    base::around(pages(), site)
}

/// The pages, each with its own routes.
fn pages() -> Router<Site> {
    Router::new()
        .merge(today::routes())
        .merge(queue::routes())
        .merge(mail::routes())
        .merge(audit::routes())
        .merge(history_page::routes())
}
