-- What the digest counts. Everything else is read from the rows that the work itself writes; see docs/digest.md.

-- Every decision about a message that came in, as it was made. `messages` and `message_decisions` hold the newest decision
-- alone, so that what was held on Monday and accepted on Tuesday would vanish from Monday. `again`: a person decided
-- anew. Codes and keys only; mail of Sent folders is not in it. `message` names a row of `messages` without a REFERENCES:
-- that would look through this table whenever a message is written.
CREATE TABLE decisions_made (
    desk TEXT NOT NULL,
    at {TIMESTAMP} NOT NULL,
    message {UUID} NOT NULL,
    decision TEXT NOT NULL,
    reasons TEXT NOT NULL,
    topics TEXT NOT NULL,
    line TEXT,
    author_key TEXT,
    again BOOLEAN NOT NULL
);
CREATE INDEX decisions_made_by_time ON decisions_made (desk, at);
INSERT INTO decisions_made (desk, at, message, decision, reasons, topics, line, author_key, again)
    SELECT m.desk, m.decided_at, m.id, m.decision, d.reasons, d.topics, d.line, m.author_key, FALSE
    FROM messages m JOIN message_decisions d ON d.message = m.id
    WHERE m.decision IS NOT NULL AND m.decided_at IS NOT NULL AND NOT m.is_sent;

CREATE INDEX messages_by_reading ON messages (desk, recorded_at) WHERE NOT is_sent;
CREATE INDEX audit_rows_of_the_day ON audit_rows (desk, at) WHERE kind IN ('case_opened', 'reopened', 'assigned',
    'answered', 'sent_back', 'resolved', 'sent_elsewhere', 'merged', 'breached', 'opportunity');
CREATE INDEX mails_left ON mails (desk, state_at) WHERE state = 'sent';
CREATE INDEX mails_unsettled ON mails (desk, queued_at)
    WHERE state IN ('waiting_secure', 'failed', 'uncertain', 'withheld');
CREATE INDEX requesters_unreachable ON requesters (desk, address_key) WHERE bounced_hard;
CREATE INDEX messages_held_at ON messages (desk, decided_at) WHERE state = 'held';
