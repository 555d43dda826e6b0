-- Which undecided message this one answers, by the key of that one's Message-ID (`own_id_key`): while somebody has that in
-- hands, nobody decides this one before it.
ALTER TABLE messages ADD COLUMN answers_key TEXT;
