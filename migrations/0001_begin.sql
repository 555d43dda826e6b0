-- The first schema. One text for both databases: {TIMESTAMP}, {BYTES} and {UUID} are the types that differ.
--
-- Member data stands only in sealed columns; it is found again through *_key columns (keyed hashes). Instants are
-- TIMESTAMPTZ on PostgreSQL and text of fixed width on SQLite, so that their order is the order of time.

CREATE TABLE installation (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    born TEXT NOT NULL,
    id TEXT NOT NULL,
    key_check TEXT NOT NULL,
    created_at {TIMESTAMP} NOT NULL
);

CREATE TABLE mailboxes (
    mailbox TEXT PRIMARY KEY,
    desk TEXT NOT NULL,
    start_at {TIMESTAMP},
    older_left BIGINT NOT NULL,
    first_uid_validity BIGINT,
    uid_validity BIGINT,
    next_uid BIGINT,
    changed_at {TIMESTAMP} NOT NULL
);

CREATE TABLE messages (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    uid_validity BIGINT NOT NULL,
    name TEXT NOT NULL,
    content_key TEXT,
    problem TEXT,
    arrived {TIMESTAMP} NOT NULL,
    recorded_at {TIMESTAMP} NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    holder {UUID},
    lease_until {TIMESTAMP},
    fence BIGINT NOT NULL,
    decision TEXT,
    decided_at {TIMESTAMP},
    author_key TEXT,
    message_id_key TEXT,
    words_key TEXT,
    subject_key TEXT,
    gets_reply BOOLEAN NOT NULL,
    folder TEXT,
    filed_at {TIMESTAMP}
);
CREATE UNIQUE INDEX messages_by_place ON messages (mailbox, uid_validity, name);
-- In the order in which the same bytes were decided, so that the first is read and not looked for.
CREATE INDEX messages_by_content ON messages (desk, content_key, decided_at, id);
CREATE INDEX messages_by_message_id ON messages (desk, message_id_key);
CREATE INDEX messages_by_author ON messages (desk, author_key, arrived);
CREATE INDEX messages_by_decision ON messages (desk, decided_at);
CREATE INDEX messages_undecided ON messages (desk, arrived, id) WHERE state = 'recorded';
CREATE INDEX messages_leased ON messages (holder) WHERE holder IS NOT NULL;
CREATE INDEX messages_unfiled ON messages (mailbox, arrived, id) WHERE folder IS NOT NULL AND filed_at IS NULL;
CREATE INDEX messages_held ON messages (decided_at) WHERE state = 'held';

-- The bytes as they came, compressed by zstd and sealed. Apart, so that no lease or decision rewrites them.
CREATE TABLE message_raws (
    message {UUID} PRIMARY KEY REFERENCES messages (id),
    desk TEXT NOT NULL,
    sealed {BYTES} NOT NULL
);

CREATE TABLE message_decisions (
    message {UUID} PRIMARY KEY REFERENCES messages (id),
    desk TEXT NOT NULL,
    reasons TEXT NOT NULL,
    automatic TEXT,
    line TEXT,
    topics TEXT NOT NULL,
    warnings TEXT NOT NULL,
    urgent BOOLEAN NOT NULL,
    sealed {BYTES}
);

CREATE TABLE requesters (
    desk TEXT NOT NULL,
    address_key TEXT NOT NULL,
    version BIGINT NOT NULL,
    bounced_hard BOOLEAN NOT NULL,
    first_at {TIMESTAMP} NOT NULL,
    last_at {TIMESTAMP} NOT NULL,
    sealed {BYTES} NOT NULL,
    PRIMARY KEY (desk, address_key)
);

CREATE TABLE cases (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    version BIGINT NOT NULL,
    number TEXT NOT NULL,
    line TEXT,
    kind TEXT,
    priority TEXT,
    status TEXT NOT NULL,
    urgent BOOLEAN NOT NULL,
    external BOOLEAN NOT NULL,
    requester_key TEXT NOT NULL,
    specialist_key TEXT,
    opened_at {TIMESTAMP} NOT NULL,
    resolved_at {TIMESTAMP},
    touched_at {TIMESTAMP} NOT NULL,
    sealed {BYTES} NOT NULL
);
CREATE UNIQUE INDEX cases_by_number ON cases (desk, number);
CREATE INDEX cases_by_number_alone ON cases (number);
CREATE INDEX cases_open_by_requester ON cases (desk, requester_key, opened_at) WHERE status <> 'resolved';
CREATE INDEX cases_resolved_by_requester ON cases (desk, requester_key, touched_at) WHERE status = 'resolved';
CREATE INDEX cases_in_order ON cases (opened_at);

CREATE TABLE case_links (
    case_id {UUID} NOT NULL REFERENCES cases (id),
    other_id {UUID} NOT NULL,
    desk TEXT NOT NULL,
    PRIMARY KEY (case_id, other_id)
);
CREATE INDEX case_links_back ON case_links (other_id);

CREATE TABLE pendings (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    version BIGINT NOT NULL,
    token TEXT NOT NULL,
    state TEXT NOT NULL,
    requester_key TEXT NOT NULL,
    case_id {UUID},
    urgent BOOLEAN NOT NULL,
    missing TEXT NOT NULL,
    opened_at {TIMESTAMP} NOT NULL,
    newest_at {TIMESTAMP} NOT NULL,
    sealed {BYTES} NOT NULL
);
CREATE UNIQUE INDEX pendings_by_token ON pendings (desk, token);
CREATE INDEX pendings_open_by_requester ON pendings (desk, requester_key, newest_at) WHERE state = 'open';
CREATE INDEX pendings_open ON pendings (newest_at) WHERE state = 'open';

-- Who may add to a case or pending request: only for finding; the addresses themselves are sealed with their row.
CREATE TABLE participants (
    target {UUID} NOT NULL,
    address_key TEXT NOT NULL,
    desk TEXT NOT NULL,
    PRIMARY KEY (target, address_key)
);

-- Which message belongs to which case or pending request. `sealed` has the message's new words.
CREATE TABLE message_links (
    message {UUID} NOT NULL REFERENCES messages (id),
    target {UUID} NOT NULL,
    target_kind TEXT NOT NULL,
    role TEXT NOT NULL,
    desk TEXT NOT NULL,
    author_key TEXT,
    arrived {TIMESTAMP},
    linked_at {TIMESTAMP} NOT NULL,
    sealed {BYTES},
    PRIMARY KEY (message, target)
);
CREATE INDEX message_links_by_target ON message_links (target, arrived);

CREATE TABLE mails (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    seq BIGINT NOT NULL,
    lane_key TEXT NOT NULL,
    precedence BIGINT NOT NULL,
    template TEXT NOT NULL,
    variant TEXT NOT NULL,
    class TEXT NOT NULL,
    state TEXT NOT NULL,
    state_at {TIMESTAMP} NOT NULL,
    to_key TEXT NOT NULL,
    about_kind TEXT,
    about {UUID},
    case_number TEXT,
    replies_to {UUID},
    dated {TIMESTAMP} NOT NULL,
    auto_submitted TEXT,
    not_before {TIMESTAMP} NOT NULL,
    queued_at {TIMESTAMP} NOT NULL,
    due_at {TIMESTAMP} NOT NULL,
    retry_at {TIMESTAMP},
    attempts BIGINT NOT NULL,
    sent_again BOOLEAN NOT NULL,
    searched BOOLEAN NOT NULL,
    why TEXT,
    bounced TEXT,
    holder {UUID},
    lease_until {TIMESTAMP},
    fence BIGINT NOT NULL,
    sealed {BYTES} NOT NULL,
    sealed_reply {BYTES},
    copied_at {TIMESTAMP}
);
CREATE INDEX mails_uncopied ON mails (desk, state_at, id) WHERE state = 'sent' AND copied_at IS NULL;
-- At most one automatic mail for one inbound message, whatever else goes wrong.
CREATE UNIQUE INDEX mails_one_reply ON mails (replies_to) WHERE class = 'automatic' AND replies_to IS NOT NULL;
CREATE INDEX mails_to_claim ON mails (precedence, due_at, seq) WHERE state IN ('queued', 'deferred');
CREATE INDEX mails_due ON mails (due_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX mails_in_lane ON mails (lane_key, seq) WHERE state IN ('queued', 'claimed', 'committing', 'deferred');
CREATE INDEX mails_leased ON mails (lease_until) WHERE state IN ('claimed', 'committing');
CREATE INDEX mails_uncertain ON mails (state_at) WHERE state = 'uncertain';
CREATE INDEX mails_not_sent ON mails (queued_at, seq) WHERE state <> 'sent';
CREATE INDEX mails_about ON mails (about, seq);
CREATE INDEX mails_automatic ON mails (desk, to_key, queued_at) WHERE class = 'automatic';

-- Every Message-ID that a mail of ours is known by: the one we gave it, and the one that a provider put in its place.
CREATE TABLE mail_ids (
    desk TEXT NOT NULL,
    id_key TEXT NOT NULL,
    mail {UUID} NOT NULL REFERENCES mails (id),
    known_at {TIMESTAMP} NOT NULL,
    PRIMARY KEY (desk, id_key, mail)
);

CREATE TABLE clocks (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    of_kind TEXT NOT NULL,
    of_id {UUID} NOT NULL,
    kind TEXT NOT NULL,
    started {TIMESTAMP} NOT NULL,
    due_local TEXT NOT NULL,
    zone TEXT NOT NULL,
    due {TIMESTAMP} NOT NULL,
    calendar_version TEXT NOT NULL,
    state TEXT NOT NULL,
    state_at {TIMESTAMP} NOT NULL
);
CREATE UNIQUE INDEX clocks_once ON clocks (of_id, kind, due);
CREATE INDEX clocks_due ON clocks (kind, due, id) WHERE state = 'running';

CREATE TABLE counters (
    desk TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (desk, name)
);

CREATE TABLE locks (
    name TEXT PRIMARY KEY,
    holder {UUID} NOT NULL,
    until_at {TIMESTAMP} NOT NULL
);

-- Hash chains: one a case (chain = its row), one a desk (chain = 'desk'). `epoch` counts the checkpoints before the row.
CREATE TABLE audit_rows (
    desk TEXT NOT NULL,
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    at {TIMESTAMP} NOT NULL,
    kind TEXT NOT NULL,
    ids TEXT NOT NULL,
    digest TEXT,
    salt {BYTES},
    sealed {BYTES},
    hash TEXT NOT NULL,
    PRIMARY KEY (desk, chain, seq)
);
CREATE INDEX audit_rows_with_content ON audit_rows (desk, at) WHERE sealed IS NOT NULL;

CREATE TABLE audit_heads (
    desk TEXT NOT NULL,
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (desk, chain)
);
CREATE INDEX audit_heads_by_epoch ON audit_heads (epoch);

CREATE TABLE audit_checkpoints (
    seq BIGINT PRIMARY KEY,
    at {TIMESTAMP} NOT NULL,
    heads BIGINT NOT NULL,
    hash TEXT NOT NULL
);
