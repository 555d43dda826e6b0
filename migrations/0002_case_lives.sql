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
