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

mod access;
mod due;
mod index;
mod queue;
mod search;
mod values;
mod words;

pub(super) use due::write_next;
pub(super) use index::write_words;
pub use search::Found;
pub use values::*;
