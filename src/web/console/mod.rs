//! The pages for staff, one file a page.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `today` | the day as it stands, and one's own list |
//! | `queue`, `queue_ask`, `due_words` | lists of cases, finding one, taking one |
//! | `mail`, `html` | what goes out; HTML in its sandbox |
//! | `desk` | a desk's policy, and a message tried out |
//! | `held`, `new`, `people` | what waits for a person; a case for a call; staff and who is away |
//! | `tones` | how decisions and reasons look and read |
//! | `audit`, `trail_file` | the audit trail, also as a file |
//! | `history`, `history_page` | a case's history as a file |

mod audit;
mod case;
mod desk;
mod due_words;
mod held;
pub mod history;
mod history_page;
mod html;
mod mail;
mod new;
mod people;
mod queue;
mod queue_ask;
mod today;
mod tones;
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
        .merge(case::routes())
        .merge(history_page::routes())
        .merge(mail::routes())
        .merge(held::routes())
        .merge(desk::routes())
        .merge(new::routes())
        .merge(people::routes())
        .merge(audit::routes())
}
