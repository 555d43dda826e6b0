//! The integration tests, one binary: each module starts the servers that it needs by itself.

mod corpus_message;
mod corpus_reply;
