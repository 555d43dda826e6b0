//! The pages: asked without a socket, and looked at in a real browser.

mod harness;
mod hostile;
mod payloads;
