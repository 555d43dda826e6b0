//! What is kept, in SQLite or PostgreSQL.
//!
//! [`Store`] is the only door to the database, and [`Store::commit`] the only writer of cases, decisions and new mail.
//! Member data stands only in sealed columns ([`seal`]), and is found again only through keyed hashes
//! ([`Keys::lookup`]). Time and ids are arguments; work is leased with a fence, so that a lost lease cannot write.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `db`, `value`, `time`, `rows` | one SQL text on two databases |
//! | `open`, `migrate` | opening: birth, keys, schema |
//! | `record`, `lease`, `filing` | inbound messages: bytes and cursor, who works on them, where they are filed |
//! | `standing` | what a decision needs to know |
//! | `commit` | what a trigger writes, in one transaction |
//! | `outbox` | mails on their way |
//! | `clocks`, `locks` | what is due; who may do what alone |
//! | `audit` | the hash chains |
//! | `views` | reading, for commands |

mod api;
pub mod error;
pub use api::*;
pub use error::StoreError;

use crate::words::keys::Keys;

/// What the functions of the store give.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The database, opened.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) keys: Keys,
}
