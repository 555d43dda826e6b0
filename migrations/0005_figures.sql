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

-- Figures are counted where they stand: each of these indexes holds all that a count asks for, so that twenty days of a busy
-- desk are a walk along narrow rows; for what happened to cases audit_rows_by_kind does. `messages.line` is the newest decision's line, as in `message_decisions`.
ALTER TABLE messages ADD COLUMN line TEXT;
UPDATE messages SET line = (SELECT d.line FROM message_decisions d WHERE d.message = messages.id);
CREATE INDEX messages_by_reading ON messages (desk, recorded_at, line, is_sent) WHERE NOT is_sent;
CREATE INDEX decisions_made_returned ON decisions_made (desk, at, author_key, line, decision, again)
    WHERE decision IN ('return', 'reject_mixed') AND NOT again;
CREATE INDEX decisions_made_by_author ON decisions_made (desk, author_key, at);
CREATE INDEX cases_lines ON cases (id, line);
CREATE INDEX mails_answered ON mails (desk, state_at, about, about_kind, class, template, state) WHERE state = 'sent'
    AND class = 'answer' AND template IN ('answer', 'return') AND about_kind = 'case';
CREATE INDEX clocks_standing ON clocks (of_id, kind, state, due) WHERE state IN ('running', 'breached');
CREATE INDEX mails_left ON mails (desk, state_at) WHERE state = 'sent';
CREATE INDEX mails_unsettled ON mails (desk, queued_at)
    WHERE state IN ('waiting_secure', 'failed', 'uncertain', 'withheld');
CREATE INDEX requesters_unreachable ON requesters (desk, address_key) WHERE bounced_hard;
CREATE INDEX messages_held_at ON messages (desk, decided_at) WHERE state = 'held';
