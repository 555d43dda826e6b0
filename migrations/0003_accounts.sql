-- Who may use the pages, and who is signed in. `sealed` has the address, the passphrase's hash and the second factor's
-- secret.
CREATE TABLE accounts (
    id {UUID} PRIMARY KEY,
    address_key TEXT NOT NULL,
    version BIGINT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    -- The newest time step whose code was taken (RFC 6238): no code is taken twice.
    code_step BIGINT NOT NULL,
    made_at {TIMESTAMP} NOT NULL,
    changed_at {TIMESTAMP} NOT NULL,
    sealed {BYTES} NOT NULL
);
CREATE UNIQUE INDEX accounts_by_address ON accounts (address_key);

-- A session is found by a keyed hash of its token; the token itself is only in its browser. `sealed` has the browser in
-- words, `sealed_said` what the next page tells.
CREATE TABLE sessions (
    id {UUID} PRIMARY KEY,
    token_key TEXT NOT NULL,
    account {UUID} NOT NULL REFERENCES accounts (id),
    made_at {TIMESTAMP} NOT NULL,
    used_at {TIMESTAMP} NOT NULL,
    ended_at {TIMESTAMP},
    sealed {BYTES} NOT NULL,
    sealed_said {BYTES}
);
CREATE UNIQUE INDEX sessions_by_token ON sessions (token_key);
CREATE INDEX sessions_of_account ON sessions (account, made_at);

-- Tries to sign in, by account and by client. Here, so that several workers count together.
CREATE TABLE throttles (
    of_key TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at {TIMESTAMP} NOT NULL,
    until_at {TIMESTAMP} NOT NULL
);
CREATE INDEX throttles_by_age ON throttles (last_at);
