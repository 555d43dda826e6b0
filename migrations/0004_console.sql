-- What the pages find cases by.
--
-- What comes next in a case, kept beside it so that a list in that order is a walk along an index. `queue_rank` is 0 for an
-- urgent open case, 1 for any other open one and 2 for a resolved one; `next_due` is the end of time where nothing has an
-- instant (`next_kind` is NULL then). `answer_missed` is the instant at which an answer was due that is still owed.
ALTER TABLE cases ADD COLUMN queue_rank BIGINT NOT NULL DEFAULT 1;
ALTER TABLE cases ADD COLUMN next_due {TIMESTAMP} NOT NULL DEFAULT '9999-12-30T00:00:00.000000Z';
ALTER TABLE cases ADD COLUMN next_kind TEXT;
ALTER TABLE cases ADD COLUMN answer_missed {TIMESTAMP};
-- What the words stand for that a case is found by; NULL: it was written before there were any, and is not indexed yet.
ALTER TABLE cases ADD COLUMN words_mark TEXT;
CREATE INDEX cases_by_due ON cases (desk, queue_rank, next_due, id);
CREATE INDEX cases_by_line_due ON cases (desk, line, queue_rank, next_due, id);
CREATE INDEX cases_by_specialist_due ON cases (desk, specialist_key, queue_rank, next_due, id);
CREATE INDEX cases_by_opening ON cases (desk, opened_at, id);
CREATE INDEX cases_by_line_opening ON cases (desk, line, opened_at, id);
CREATE INDEX cases_by_specialist_opening ON cases (desk, specialist_key, opened_at, id);
CREATE INDEX cases_open_by_opening ON cases (desk, opened_at, id) WHERE status <> 'resolved';
CREATE INDEX cases_overdue ON cases (desk, next_due) WHERE status <> 'resolved';
CREATE INDEX cases_without_words ON cases (id) WHERE words_mark IS NULL;

-- The words of cases, keyed: member data is searched by nothing else. Newest case first for each word.
CREATE TABLE case_words (
    desk TEXT NOT NULL,
    word_key TEXT NOT NULL,
    opened_at {TIMESTAMP} NOT NULL,
    case_id {UUID} NOT NULL REFERENCES cases (id),
    PRIMARY KEY (desk, word_key, opened_at, case_id)
){CLUSTERED};
CREATE INDEX case_words_by_case ON case_words (case_id);

-- The outbox and the audit trail in the order in which pages show them.
CREATE INDEX mails_by_state ON mails (desk, state, queued_at, id);
CREATE INDEX mails_on_their_way ON mails (desk, queued_at, id) WHERE state NOT IN ('sent', 'cancelled');
CREATE INDEX messages_held_by_desk ON messages (desk, decided_at, id) WHERE state = 'held';
CREATE INDEX audit_rows_by_time ON audit_rows (desk, at, chain, seq);
CREATE INDEX audit_rows_by_kind ON audit_rows (desk, kind, at, chain, seq);

-- Which rows of the audit trail an account stands in: only for finding them, and for nothing that is believed.
CREATE TABLE audit_accounts (
    desk TEXT NOT NULL,
    account_key TEXT NOT NULL,
    at {TIMESTAMP} NOT NULL,
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (desk, account_key, at, chain, seq)
){CLUSTERED};
