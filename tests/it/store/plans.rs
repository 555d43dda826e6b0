//! No query reads a whole big table: SQLite's plans of every statement that the store ran in a test of all calls.
