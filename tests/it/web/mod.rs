//! The pages: asked without a socket, and looked at in a real browser.

mod base;
mod case;
mod harness;
mod hostile;
mod installed;
mod payloads;
mod signing_in;
mod support;
mod xss;
