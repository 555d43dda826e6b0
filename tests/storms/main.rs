//! Nothing that we send starts a storm: two clerks facing each other, a clerk facing responders of every kind, and the
//! breaker behind them.

mod breaker;
mod canaries;
mod clerk;
mod facing;
mod responders;
