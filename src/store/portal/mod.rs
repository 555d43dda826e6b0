//! The portal: links to it, and what a partner sees of their own requests.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `links` | links that prove an address, once |
//! | `requests` | which cases and pending requests are a partner's own |
//! | `conversation` | what they wrote, and what went to them |

mod conversation;
mod links;
#[cfg(test)]
pub(super) mod plans;
mod requests;

pub use conversation::{Said, SaidFile};
pub(super) use links::write_links;
pub use links::{LINK_LIVES, LinkKind, PortalLink, portal_token};
pub use requests::{PartnerCase, PortalView};
