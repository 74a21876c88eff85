-- An inbox's address works once a code mailed there was entered. Those that are there already count as confirmed.
ALTER TABLE channels
  ADD COLUMN email_confirmed_at TIMESTAMPTZ(3) DEFAULT now(),
  ADD COLUMN email_code_hash BYTEA,
  ADD COLUMN email_code_expires_at TIMESTAMPTZ(3),
  ADD COLUMN email_code_attempts INTEGER NOT NULL DEFAULT 0;

-- Who only names an address keeps it from nobody.
DROP INDEX channels_email_key;
CREATE UNIQUE INDEX channels_confirmed_email_key ON channels (email) WHERE email_confirmed_at IS NOT NULL;
CREATE INDEX channels_email_idx ON channels (email);
