//! What is kept, in SQLite or PostgreSQL.
//!
//! [`Store`] is the only door to the database, and [`Store::commit`] the only writer of cases, decisions and new mail.
//! Member data stands only in sealed columns, and is found again only through keyed hashes ([`Keys::lookup`]). Time and
//! ids are arguments; work is leased with a fence, so that a lost lease cannot write.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `values` | the values that go in and out |
//! | `db`, `value`, `time`, `rows`, `seal` | one SQL text on two databases; sealed columns |
//! | `open`, `migrate`, `in_use`, `presence` | opening: connections, schema, birth, keys; who has it open; who lives |
//! | `record`, `lease` | inbound messages: bytes and cursor, who works on them, where they are filed |
//! | `reader_lease` | who reads a mailbox |
//! | `sent_folders` | which mails of Sent folders are known |
//! | `message_rows`, `case_rows` | messages, cases and pending requests, to rows and back |
//! | `standing` | what a decision needs to know |
//! | `commit` | what a trigger writes, in one transaction |
//! | `outbox` | mails on their way |
//! | `clocks`, `due_cases` | what is due, and read for many at once; who may do what alone |
//! | `assignment`, `worklist`, `absences` | who has what, and who is away |
//! | `figures` | facts of days, for the digest |
//! | `audit` | the hash chains |
//! | `accounts` | who may use the pages, who is signed in, how often it was tried |
//! | `token_keys` | which generations of the token key are believed |
//! | `views` | reading, for commands |
//! | `console` | reading, for the pages |
//! | `portal` | links to the portal, and what a partner sees there |

mod absences;
mod accounts;
mod alarms;
mod assignment;
mod audit;
mod case_rows;
mod clocks;
mod commit;
pub mod console;
mod copies;
mod db;
mod due_cases;
mod error;
mod figures;
mod in_use;
mod lease;
mod list_entries;
mod message_rows;
mod migrate;
mod open;
mod outbox;
#[cfg(test)]
mod plans;
mod portal;
mod presence;
mod reader_lease;
mod record;
mod rows;
mod seal;
mod sent_folders;
mod standing;
mod strangers;
mod time;
mod token_keys;
mod turns;
mod value;
mod values;
mod views;
mod worklist;

pub use accounts::{
    Account, AccountChange, AccountState, AccountWrite, EndSessions, NewSession, SessionLimits, SessionRow,
    ThrottleRule,
};
pub use alarms::{Alarm, AlarmWrite};
pub use audit::{Checkpoint, ExportCheckpoint, ExportFilter, ExportPlace, ExportRow};
pub use console::*;
pub use copies::Uncopied;
pub use due_cases::CaseAround;
pub use error::StoreError;
pub use list_entries::ListRow;
pub use outbox::{TakenMail, Turn};
pub use portal::{LINK_LIVES, LinkKind, PartnerCase, PortalLink, PortalView, Said, SaidFile, portal_token};
pub use presence::Presence;
pub use reader_lease::{ReadFrom, ReaderLease};
pub use token_keys::TokenKey;
pub use values::*;

use crate::words::keys::Keys;

/// What the functions of the store give.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The database, opened. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    db: db::Db,
    place: open::Place,
    /// Held as long as anybody uses the store.
    _in_use: Option<std::sync::Arc<in_use::InUse>>,
    keys: Keys,
    born: Birth,
    /// Rows that this process recorded.
    recorded: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    /// Histories that were read before.
    histories: figures::Kept,
}
