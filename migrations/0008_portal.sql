-- The portal, where partners outside read what is for them.
--
-- Links to it: a link is found by a keyed hash of its token, and the token itself stands nowhere but in the mail that its
-- recipient got. `used_by` is a keyed hash of the browser that used it.
CREATE TABLE portal_links (
    token_key TEXT PRIMARY KEY,
    mail {UUID} NOT NULL REFERENCES mails (id),
    desk TEXT NOT NULL,
    kind TEXT NOT NULL,
    made_at {TIMESTAMP} NOT NULL,
    expires_at {TIMESTAMP} NOT NULL,
    used_at {TIMESTAMP},
    used_by TEXT
);
CREATE INDEX portal_links_by_age ON portal_links (expires_at);

-- Who asked for a new link. Whether there is anything for that address is found out later, by the worker, so that the
-- page that takes the question does the same work for everybody. `sealed` has the address as it was typed.
CREATE TABLE portal_asked (
    id {UUID} PRIMARY KEY,
    asked_at {TIMESTAMP} NOT NULL,
    sealed {BYTES} NOT NULL
);

-- A mail that is read in the portal: since when it is there.
ALTER TABLE mails ADD COLUMN portal_at {TIMESTAMP};
CREATE INDEX cases_by_requester ON cases (requester_key, desk, touched_at);
CREATE INDEX pendings_by_requester ON pendings (requester_key, desk, newest_at);
