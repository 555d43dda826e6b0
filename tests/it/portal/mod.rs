//! The portal: every rule of it asked without a socket, and a partner's whole way in a real browser.

mod accounts;
mod attacks;
mod browser;
mod content;
mod forms;
mod links;
mod operator;
mod reading;
mod scene;
