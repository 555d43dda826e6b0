//! What every page stands on: sessions, forms, headers, layout, errors.
//!
//! A request passes `guard` first: where from, for which host, in whose session. A page then asks for [`SignedIn`] (or
//! [`Supervising`], [`Administering`]), reads what its [`Access`](crate::desk::access::Access) may see, and answers with
//! [`SignedIn::page`]. What is posted comes as [`Form`] or [`Upload`], whose token was looked at before anything else.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `site` | what all pages share |
//! | `visit`, `guard` | one request: its client, its session, its cookies; what surrounds every answer |
//! | `origin` | which hosts and origins are ours |
//! | `visitor` | a browser that need not be signed in, as an argument of a page |
//! | `signed_in` | who asks, as an argument of a page |
//! | `form` | what was posted |
//! | `page`, `templates`, `nav` | a page in its layout |
//! | `error` | what went wrong, told without telling anything |
//! | `sign_in`, `sessions`, `passphrase`, `codes` | signing in and out |
//! | `size` | a size for people |
//! | `serve` | the listener |

pub(in crate::web) mod choices;
pub mod codes;
mod error;
mod form;
mod guard;
mod nav;
mod origin;
mod page;
pub mod passphrase;
pub mod qr;
mod serve;
mod sessions;
mod sign_in;
mod signed_in;
mod site;
mod size;
mod templates;
mod visit;
mod visitor;

pub use error::PageError;
pub use form::{Form, Upload, UploadedFile, uploads};
pub use page::see_other;
pub use serve::{Listener, bind};
pub use signed_in::{Administering, SignedIn, Supervising};
pub use site::Site;
pub use size::size;
pub use visit::Peer;
pub use visitor::Visitor;

use axum::Router;
use axum::middleware::from_fn_with_state;

/// What a page's function gives.
pub type Answer = Result<axum::response::Response, PageError>;

/// These pages, with signing in and out beside them and the guard around all.
pub fn around(pages: Router<Site>, site: &Site) -> Router {
    pages
        .merge(sign_in::routes())
        .merge(sessions::routes())
        .merge(templates::routes())
        .fallback(guard::nothing_here)
        .layer(axum::extract::DefaultBodyLimit::max(form::MOST_FORM_BYTES))
        .layer(from_fn_with_state(site.clone(), guard::guard))
        .with_state(site.clone())
}
