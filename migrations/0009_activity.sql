-- Whose turn it is: who was given a case of a queue last.
CREATE INDEX cases_in_turn ON cases (desk, line, specialist_key, assigned_at);
