//! The pages for staff, one file a page.

mod desk;
mod held;
mod new;
mod people;
mod tones;

use super::base::{self, Site};
use axum::Router;

/// All pages of the console, with what every page stands on around them.
pub fn routes(site: &Site) -> Router {
    base::around(pages(), site)
}

/// The pages, each with its own routes.
fn pages() -> Router<Site> {
    Router::new().merge(desk::routes()).merge(held::routes()).merge(new::routes()).merge(people::routes())
}
