-- A user's address counts once it is confirmed, a membership once its invitation was accepted. Who is there already counts as both.
ALTER TABLE users
  ADD COLUMN confirmed_at TIMESTAMPTZ(3),
  ADD COLUMN unconfirmed_email VARCHAR(320);
UPDATE users SET confirmed_at = created_at;

ALTER TABLE account_users ADD COLUMN accepted_at TIMESTAMPTZ(3) DEFAULT now();

-- Members who may act in an account and are written to: the one owner of that rule.
CREATE VIEW acting_members AS
SELECT
  m.account_id,
  m.user_id,
  m.role,
  u.email
FROM account_users m
JOIN users u ON u.id = m.user_id
WHERE m.accepted_at IS NOT NULL AND u.confirmed_at IS NOT NULL;
