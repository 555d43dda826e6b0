//! What the pages read, held against the same rules written naively here.

mod queue;
mod random;
mod search;
