//! A mail from a template.
