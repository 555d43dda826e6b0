//! `mailclerk.toml`: where mail, database, web and secrets are.
