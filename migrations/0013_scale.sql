-- For desks with a million cases.
--
-- Due clocks in the order in which they are handled, so that a batch of them, and the next instant, are read from the
-- beginning of an index however many run. The expression is that of src/store/clocks.rs, word by word: with other words
-- its order is not used.
DROP INDEX clocks_due;
CREATE INDEX clocks_due ON clocks (due, (CASE kind WHEN 'respond_nudge' THEN 1 WHEN 'update_nudge' THEN 1 WHEN 'pause_end' THEN 0 WHEN 'assign_at_once' THEN 3 WHEN 'follow_up' THEN 4 WHEN 'digest' THEN 5 ELSE 2 END), id) WHERE state = 'running';

-- What the breaker counts of the last hour, without a look at each mail.
DROP INDEX mails_counted;
CREATE INDEX mails_counted ON mails (desk, counts_at, state) WHERE class = 'automatic';
