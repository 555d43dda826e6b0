-- Mail that was read from a Sent folder: it is judged by rules of its own, never filed, and counted in no list of what
-- came in.
ALTER TABLE messages ADD COLUMN is_sent BOOLEAN NOT NULL DEFAULT FALSE;
