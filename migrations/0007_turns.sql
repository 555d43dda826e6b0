-- Turns: the mails of one sender are decided one after the other, those of different senders in turn; and so with what
-- is sent, by recipient. A turn is given when the row is written (src/words/turn.rs). Turn 0 is staff's.
ALTER TABLE messages ADD COLUMN turn BIGINT NOT NULL DEFAULT 1;
ALTER TABLE messages ADD COLUMN sender_key TEXT;
-- What a mail that answers this one waits for while this one is undecided. (`message_id_key` is written by the decision.)
ALTER TABLE messages ADD COLUMN own_id_key TEXT;
CREATE INDEX messages_by_turn ON messages (desk, turn, arrived, id) WHERE state = 'recorded';
CREATE INDEX messages_turn_of ON messages (desk, sender_key, turn) WHERE state = 'recorded';
CREATE INDEX messages_own_id ON messages (desk, own_id_key, turn) WHERE state = 'recorded';

ALTER TABLE mails ADD COLUMN turn BIGINT NOT NULL DEFAULT 1;
CREATE INDEX mails_by_turn ON mails (precedence, turn, due_at, seq) WHERE state IN ('queued', 'deferred');
CREATE INDEX mails_turn_of ON mails (precedence, to_key, turn) WHERE state IN ('queued', 'deferred');
