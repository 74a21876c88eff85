-- Links that are opened once: they prove who reads a mailbox. Only the SHA-256 of a code is kept.
CREATE TABLE one_time_links (
  code_hash BYTEA PRIMARY KEY,
  purpose TEXT NOT NULL,
  -- What it is about, by purpose: a user, a contact.
  subject_id INTEGER NOT NULL,
  -- Lower case. The address that the link was mailed to.
  email VARCHAR(320) NOT NULL,
  account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
  created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  expires_at TIMESTAMPTZ(3) NOT NULL,
  consumed_at TIMESTAMPTZ(3)
);

CREATE INDEX one_time_links_purpose_subject_id_idx ON one_time_links (purpose, subject_id);
CREATE INDEX one_time_links_account_id_idx ON one_time_links (account_id);
CREATE INDEX one_time_links_expires_at_idx ON one_time_links (expires_at);
