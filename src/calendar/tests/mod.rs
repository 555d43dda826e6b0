//! The calendar, proved by hand-counted instants and against a brute-force calendar.

mod against_brute_force;
mod brute_force;
mod construction;
mod counted_by_hand;
mod words;
