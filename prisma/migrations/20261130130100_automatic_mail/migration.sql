-- How much mail that no person wrote has left, by mailbox, and by account for all unproven addresses together. One row a key and window.
CREATE TABLE automatic_mail (
  key TEXT PRIMARY KEY,
  started_at TIMESTAMPTZ(3) NOT NULL,
  used INTEGER NOT NULL
);

CREATE INDEX automatic_mail_started_at_idx ON automatic_mail (started_at);
