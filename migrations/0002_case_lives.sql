-- Who has which cases, and since when: the daily assignment asks for open cases without a specialist, and for each
-- specialist how many are open and when the last one came.
ALTER TABLE cases ADD COLUMN assigned_at {TIMESTAMP};
CREATE INDEX cases_unassigned ON cases (desk, opened_at) WHERE status <> 'resolved' AND specialist_key IS NULL;
CREATE INDEX cases_open_by_specialist ON cases (desk, specialist_key) WHERE status <> 'resolved';
-- What was told of a message: to whoever sent it, or to staff.
CREATE INDEX mails_about_message ON mails (replies_to) WHERE replies_to IS NOT NULL;
CREATE INDEX cases_by_assignment ON cases (desk, specialist_key, assigned_at);

-- From a case back to the pending requests that became it: what was attached to them goes to the specialist too.
CREATE INDEX pendings_by_case ON pendings (case_id) WHERE case_id IS NOT NULL;

-- The generations of the key that reply tokens are signed with. The keys themselves are derived from the key file; here
-- stands only which of them there are. Without a row there is generation 0 alone, made with the installation.
CREATE TABLE token_keys (
    generation BIGINT PRIMARY KEY,
    began_at {TIMESTAMP} NOT NULL,
    retired_at {TIMESTAMP}
);

-- Days away that members of staff told by command, besides those of the policy file; both days included. Days are text
-- of fixed width, so that their order is the order of time.
CREATE TABLE absences (
    desk TEXT NOT NULL,
    address_key TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    set_at {TIMESTAMP} NOT NULL,
    sealed {BYTES} NOT NULL,
    PRIMARY KEY (desk, address_key, from_day, to_day)
);
CREATE INDEX absences_by_end ON absences (desk, to_day);

-- Mail that was read from a Sent folder: it is judged by rules of its own, never filed, and counted in no list of what
-- came in.
ALTER TABLE messages ADD COLUMN is_sent BOOLEAN NOT NULL DEFAULT FALSE;
