-- One inbox of an account has an address, confirmed or not, also where two ask for it at once. The oldest keeps it.
UPDATE channels c SET email = NULL, email_confirmed_at = NULL
WHERE c.email_confirmed_at IS NULL
  AND EXISTS (
    SELECT 1 FROM channels o
    WHERE o.account_id = c.account_id AND o.email = c.email AND (o.email_confirmed_at IS NOT NULL OR o.id < c.id)
  );
CREATE UNIQUE INDEX channels_account_id_email_key ON channels (account_id, email);
