//! What comes in and goes out by the portal: what partners write there, and links to it.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `entry` | what a partner writes enters as a message, and is decided like any other |
//! | `links` | links for those who ask; where a link stands in a mail |

mod entry;
mod links;

pub use entry::{Entered, Entry, Preview};
pub use links::{desk_for_link, is_portal_for};

/// The mailbox of messages that partners wrote in the portal. It has no settings, and no mailbox of the settings may be
/// called so: what stands in it was written by whoever had signed in.
pub const PORTAL: &str = "portal";
