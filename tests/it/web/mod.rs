//! The pages: asked without a socket, over a rehearsal in a folder of its own, and looked at in a real browser.

mod base;
mod desk;
mod case;
mod harness;
mod held;
mod hostile;
mod installed;
mod new;
mod payloads;
mod people;
mod signing_in;
mod support;
mod xss;
