//! What a trigger writes: one value that lists the events, mails, clocks and filing that a commit will hold.
