//! No query walks through a whole big table: SQLite's plan of every query of the store, as its source has it.
//!
//! The statements are taken from the prepared texts that SQLite itself reports while a story runs that makes every call;
//! plans on PostgreSQL depend on how many rows there are, and its indexes are the same.
