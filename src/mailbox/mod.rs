//! Where mail comes from: IMAP or Maildir.
