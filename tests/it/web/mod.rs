//! The pages: asked without a socket, and looked at in a real browser.

mod harness;
mod hostile;
mod payloads;
//! The pages, asked without a socket: a site over a rehearsal in a folder of its own.

mod base;
pub mod support;
