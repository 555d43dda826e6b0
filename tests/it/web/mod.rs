//! The pages: asked without a socket, over a rehearsal in a folder of its own, and looked at in a real browser.

mod audit;
mod base;
mod case;
mod case_in_a_browser;
mod demo;
mod desk;
mod doors;
mod harness;
mod held;
mod hostile;
mod installed;
mod mail;
mod new;
mod payloads;
mod people;
mod queue;
mod signing_in;
pub mod support;
mod today;
mod xss;
