//! Reading a request, and the one ordered list of rules that decides.

mod alike;
mod besides;
mod evidence;
mod fields;
mod form;
mod joined;
mod labels;
mod lines;
mod marks;
mod members;
mod mentions;
mod names;
pub mod pii;
mod prose;
pub mod said;
mod text;
mod tokens;
mod values;
mod vocabulary;

pub mod automatic;
pub mod by_hand;
pub mod complete;
pub mod decide;
pub mod duplicate;
pub mod lookups;
pub mod merge;
pub mod request;
pub mod same;
pub mod scope;
pub mod subject;
pub mod threads;
pub mod trust;
pub mod urgency;

pub use complete::{Completeness, complete};
pub use members::Block;
pub use merge::merge;
pub use request::{Given, Place, Request, Source, holds_template, read, read_parts};
pub use subject::SubjectReading;
pub use values::Worth;
