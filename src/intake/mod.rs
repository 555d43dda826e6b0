//! Reading a request, and the one ordered list of rules that decides.

mod fields;
mod labels;
mod lines;
mod marks;
mod members;
mod mentions;
mod names;
mod pii;
mod text;
mod tokens;
mod values;
mod vocabulary;

pub mod complete;
pub mod merge;
pub mod request;
pub mod subject;

pub use complete::{Completeness, complete};
pub use members::Block;
pub use merge::merge;
pub use request::{Given, Place, Request, Source, holds_template, read, read_parts};
pub use subject::SubjectReading;
pub use values::Worth;

pub mod scope;
pub mod urgency;
