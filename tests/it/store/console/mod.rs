//! What the pages read, held against the same rules written naively here.

mod many;
mod pages;
mod queue;
mod random;
mod search;
