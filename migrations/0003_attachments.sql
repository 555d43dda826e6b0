-- From a case back to the pending requests that became it: what was attached to them goes to the specialist too.
CREATE INDEX pendings_by_case ON pendings (case_id) WHERE case_id IS NOT NULL;
