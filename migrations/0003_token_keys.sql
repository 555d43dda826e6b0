-- The generations of the key that reply tokens are signed with. The keys themselves are derived from the key file; here
-- stands only which of them there are. Without a row there is generation 0 alone, made with the installation.
CREATE TABLE token_keys (
    generation BIGINT PRIMARY KEY,
    began_at {TIMESTAMP} NOT NULL,
    retired_at {TIMESTAMP}
);
