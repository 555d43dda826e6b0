-- When automatic mail counts for the breaker: for a reply, when the message that it answers arrived, so that a backlog is
-- spread as it came; for any other, when it was queued. And when it bounced for good.
ALTER TABLE mails ADD COLUMN counts_at {TIMESTAMP};
ALTER TABLE mails ADD COLUMN bounced_at {TIMESTAMP};
CREATE INDEX mails_counted ON mails (desk, counts_at) WHERE class = 'automatic';
CREATE INDEX mails_bounced ON mails (desk, bounced_at) WHERE bounced_at IS NOT NULL;
CREATE INDEX messages_by_arrival ON messages (desk, arrived);
-- What waits for a secure way, in its order.
CREATE INDEX mails_waiting_secure ON mails (desk, seq) WHERE state = 'waiting_secure';

-- Whether a desk's automatic mail leaves: one row a desk, read by every worker when it claims mail. No row: it does.
CREATE TABLE outbox_gates (
    desk TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    since {TIMESTAMP} NOT NULL,
    why TEXT,
    by_whom TEXT NOT NULL,
    step_at {TIMESTAMP},
    step BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    counted_from {TIMESTAMP},
    rest_minutes BIGINT NOT NULL
);

-- What the operator must hear by another way than the mail that may be at fault. `facts` holds numbers and codes only.
CREATE TABLE alarms (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    way TEXT NOT NULL,
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    raised_at {TIMESTAMP} NOT NULL,
    due_at {TIMESTAMP} NOT NULL,
    attempts BIGINT NOT NULL,
    holder {UUID},
    lease_until {TIMESTAMP},
    delivered_at {TIMESTAMP}
);
CREATE INDEX alarms_to_deliver ON alarms (due_at) WHERE delivered_at IS NULL;

-- Whose organisation a message's author is of, and whether it answers mail of ours that went to somebody else: loops
-- whose other end writes under a new name each time are known by that.
ALTER TABLE messages ADD COLUMN domain_key TEXT;
ALTER TABLE messages ADD COLUMN from_stranger BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX messages_sent_back ON messages (desk, domain_key, arrived)
    WHERE decision IN ('return', 'redirect', 'reject_mixed');
CREATE INDEX messages_of_strangers ON messages (desk, domain_key, arrived) WHERE from_stranger;
