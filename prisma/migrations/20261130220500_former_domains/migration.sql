-- Domains under which reply addresses were issued: by an account, or, without one, by the installation. Mail to a domain is accepted for as long as
-- its row is there and expires_at is ahead, whether it is still the current one or not.
CREATE TABLE "reply_domains" (
  "id" SERIAL PRIMARY KEY,
  "domain" VARCHAR(253) NOT NULL,
  "account_id" INTEGER REFERENCES "accounts"("id") ON DELETE CASCADE,
  "expires_at" TIMESTAMPTZ(3) NOT NULL
);
CREATE UNIQUE INDEX "reply_domains_key" ON "reply_domains"("domain", (coalesce("account_id", 0)));
CREATE INDEX "reply_domains_account_id_idx" ON "reply_domains"("account_id");

-- Addresses that were an inbox's own before it got another.
CREATE TABLE "former_inbox_addresses" (
  "id" SERIAL PRIMARY KEY,
  "email" VARCHAR(320) NOT NULL,
  "inbox_id" INTEGER NOT NULL REFERENCES "inboxes"("id") ON DELETE CASCADE,
  "account_id" INTEGER NOT NULL REFERENCES "accounts"("id") ON DELETE CASCADE,
  "expires_at" TIMESTAMPTZ(3) NOT NULL
);
CREATE UNIQUE INDEX "former_inbox_addresses_email_key" ON "former_inbox_addresses"("email");
CREATE INDEX "former_inbox_addresses_inbox_id_idx" ON "former_inbox_addresses"("inbox_id");
CREATE INDEX "former_inbox_addresses_account_id_idx" ON "former_inbox_addresses"("account_id");

-- How long an address stays good that is issued now: REPLY_TOKEN_EXPIRES_DAYS, which each start writes here.
CREATE FUNCTION rethread_addresses_expire() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT now() + coalesce((SELECT value::float8 FROM installation WHERE name = 'reply_token_expires_days'), 365)
    * interval '1 day'
$$;

-- An account keeps its former domain, and takes none that another account, or the installation, keeps. After the change: whoever released the
-- domain at the same moment has committed by then.
CREATE FUNCTION rethread_keep_domain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.domain IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM reply_domains WHERE domain = OLD.domain AND account_id IS NULL AND expires_at > now()
  ) THEN
    INSERT INTO reply_domains AS kept (domain, account_id, expires_at)
    VALUES (OLD.domain, OLD.id, rethread_addresses_expire())
    ON CONFLICT (domain, (coalesce(account_id, 0))) DO UPDATE SET expires_at = greatest(kept.expires_at, excluded.expires_at);
  END IF;
  IF NEW.domain IS NOT NULL AND EXISTS (
    SELECT 1 FROM reply_domains WHERE domain = NEW.domain AND account_id <> NEW.id AND expires_at > now()
  ) THEN
    RAISE EXCEPTION 'domain % is a former domain of another account', NEW.domain USING ERRCODE = 'unique_violation';
  END IF;
  IF NEW.domain IS NOT NULL THEN
    INSERT INTO reply_domains AS kept (domain, account_id, expires_at)
    VALUES (NEW.domain, NEW.id, rethread_addresses_expire())
    ON CONFLICT (domain, (coalesce(account_id, 0))) DO UPDATE SET expires_at = greatest(kept.expires_at, excluded.expires_at);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_domain_changed AFTER UPDATE OF domain ON accounts FOR EACH ROW
  WHEN (NEW.domain IS DISTINCT FROM OLD.domain AND rethread_tells()) EXECUTE FUNCTION rethread_keep_domain();
CREATE TRIGGER keep_domain_new AFTER INSERT ON accounts FOR EACH ROW
  WHEN (NEW.domain IS NOT NULL AND rethread_tells()) EXECUTE FUNCTION rethread_keep_domain();

-- An inbox keeps its former confirmed address, unless another inbox of the account has it now; and takes none that another account keeps.
CREATE FUNCTION rethread_keep_inbox_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.email IS NOT NULL AND OLD.email_confirmed_at IS NOT NULL AND OLD.email IS DISTINCT FROM NEW.email THEN
    INSERT INTO former_inbox_addresses AS kept (email, inbox_id, account_id, expires_at)
    SELECT OLD.email, i.id, i.account_id, rethread_addresses_expire() FROM inboxes i WHERE i.channel_id = OLD.id
    ON CONFLICT (email) DO UPDATE SET
      inbox_id = excluded.inbox_id,
      account_id = excluded.account_id,
      expires_at = excluded.expires_at;
  END IF;
  IF NEW.email IS NOT NULL AND NEW.email_confirmed_at IS NOT NULL THEN
    IF EXISTS (
      SELECT 1 FROM former_inbox_addresses WHERE email = NEW.email AND account_id <> NEW.account_id AND expires_at > now()
    ) THEN
      RAISE EXCEPTION '% is a former address of another account', NEW.email USING ERRCODE = 'unique_violation';
    END IF;
    DELETE FROM former_inbox_addresses WHERE email = NEW.email;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_inbox_address_changed AFTER UPDATE OF email, email_confirmed_at ON channels FOR EACH ROW
  WHEN (rethread_tells()) EXECUTE FUNCTION rethread_keep_inbox_address();
CREATE TRIGGER keep_inbox_address_new AFTER INSERT ON channels FOR EACH ROW
  WHEN (NEW.email IS NOT NULL AND rethread_tells()) EXECUTE FUNCTION rethread_keep_inbox_address();
