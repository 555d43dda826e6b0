//! The pages: asked without a socket, over a site in a folder of its own, and looked at in a real browser.

mod base;
mod harness;
mod hostile;
mod payloads;
pub mod support;
