//! The portal: the pages where partners outside read what is for them and answer it.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `partner` | who asks, as an argument of a page |
//! | `open`, `ask` | links that came by mail; asking for another one |
//! | `account`, `codes` | making an account, a new passphrase, a second factor |
//! | `list`, `case`, `files` | one's own requests, a conversation, what is attached |
//! | `answer` | writing in a conversation |
//! | `form`, `new`, `complete` | a request as a form: a new one, or what was missing |
//! | `told` | what became of what was sent, in sentences |

mod account;
mod answer;
mod ask;
mod case;
mod codes;
mod complete;
mod files;
mod form;
mod list;
mod new;
mod open;
mod partner;
mod told;

use super::base::{self, Site};
use axum::Router;

/// All pages of the portal, with what every page stands on around them.
pub fn routes(site: &Site) -> Router {
    let pages = Router::new()
        .merge(open::routes())
        .merge(ask::routes())
        .merge(account::routes())
        .merge(codes::routes())
        .merge(list::routes())
        .merge(case::routes())
        .merge(files::routes())
        .merge(answer::routes())
        .merge(new::routes())
        .merge(complete::routes());
    base::around(pages, site)
}
