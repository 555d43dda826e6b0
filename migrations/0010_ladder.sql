-- Lists that a desk keeps besides its cases: an audit list, an issue tracker. One entry for one source (a case or a message)
-- in one list, whoever tries it again. `sealed` has who asked, about whom, and what.
CREATE TABLE list_entries (
    id {UUID} PRIMARY KEY,
    desk TEXT NOT NULL,
    list TEXT NOT NULL,
    source {UUID} NOT NULL,
    why TEXT NOT NULL,
    at {TIMESTAMP} NOT NULL,
    sealed {BYTES}
);
CREATE UNIQUE INDEX list_entries_of_source ON list_entries (desk, list, source);
CREATE INDEX list_entries_by_age ON list_entries (desk, list, at, id);
CREATE INDEX list_entries_purged ON list_entries (desk, at) WHERE sealed IS NOT NULL;

-- Since when an open case stands on a step of the ladder of which its requester has not heard what came.
ALTER TABLE cases ADD COLUMN escalated_at {TIMESTAMP};
