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
