//! The pages, asked without a socket: a site over a rehearsal in a folder of its own.

mod base;
mod signing_in;
mod support;
