//! The digest: a seeded month whose figures are counted again by hand from the raw rows, and the mails that go out.

mod clerk;
mod going_out;
mod month;
mod naive;
