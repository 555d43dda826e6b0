//! Reading a request, and the one ordered list of rules that decides.

pub mod scope;
pub mod urgency;
