//! What the pages read. Every function takes the [`Access`](crate::desk::access::Access) of who asks, and puts it into
//! its statements as one condition (`access`): what is foreign is not found, exactly like what does not exist.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `access` | the condition |
//! | `values` | what is asked and given |
//! | `words`, `index` | the words that cases are found by, and writing them |
//! | `due` | what comes next in a case, kept beside it |
//! | `queue`, `search` | lists of cases |
//! | `timeline`, `timeline_values`, `event_words` | a case with all that happened in it |
//! | `messages`, `mails` | held messages and the outbox; one message, one mail |
//! | `people` | who has how much; what waits, for the navigation |
//! | `trail`, `views` | rows of the audit trail; writing who looked at what |

mod access;
mod due;
mod event_words;
mod index;
mod mails;
mod messages;
mod people;
mod queue;
mod search;
mod timeline;
mod timeline_values;
mod trail;
mod values;
mod views;
mod words;

pub(super) use access::case_condition;
pub(super) use due::write_next;
pub(super) use index::write_words;
pub use mails::{MailDetail, MailList, MailPage, MailRow};
pub use messages::{HeldPage, MessagePage};
pub use people::{Load, Waiting};
pub use search::Found;
pub use timeline_values::*;
pub use trail::{TrailFilter, TrailPage, TrailRow};
pub use values::*;
pub use views::View;
