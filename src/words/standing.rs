//! `Standing`: all that the store knows and a decision about one message needs, as plain values.
