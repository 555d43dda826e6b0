-- Who reads a mailbox: one worker at a time. The fence goes up with each one that takes it over, so that what an earlier
-- one has fetched can no longer be written. Instants of this table are the database's own.
CREATE TABLE mailbox_readers (
    mailbox TEXT PRIMARY KEY,
    fence BIGINT NOT NULL,
    holder {UUID},
    lease_until {TIMESTAMP}
);
CREATE INDEX mailbox_readers_by_holder ON mailbox_readers (holder) WHERE holder IS NOT NULL;
