//! The pages for staff, one file a page.

mod case;

use super::base::{self, Site};
use axum::Router;

/// All pages of the console, with what every page stands on around them.
pub fn routes(site: &Site) -> Router {
    base::around(pages(), site)
}

/// The pages, each with its own routes.
fn pages() -> Router<Site> {
    Router::new().merge(case::routes())
}
