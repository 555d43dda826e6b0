//! The pages: asked without a socket, and looked at in a real browser.

mod base;
mod harness;
mod hostile;
mod installed;
mod payloads;
mod signing_in;
//! The pages, asked without a socket: a site over a rehearsal in a folder of its own.

mod base;
mod support;
mod xss;
