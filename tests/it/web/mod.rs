//! The pages: asked without a socket, over a rehearsal in a folder of its own, and looked at in a real browser.

mod base;
mod case;
mod harness;
mod hostile;
mod installed;
mod payloads;
mod signing_in;
pub mod support;
mod xss;
