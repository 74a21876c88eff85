-- Letters compare whatever their case and accents, on every database (docs/adr/0030-letters.md).

-- fold(text): lower case, without accents, compatible forms as one. It does not depend on the locale of the database: it lowers by a
-- collation that knows Unicode, the first of these that the server has. Without any, letters outside ASCII keep their case, and doctor says so.
DO $do$
DECLARE
  wanted text;
  found text := 'default';
  knows boolean;
  composed text := 'value';
BEGIN
  FOREACH wanted IN ARRAY '{pg_c_utf8,und-x-icu,C.utf8,C.UTF-8,en_US.utf8}'::text[] LOOP
    BEGIN
      EXECUTE format('SELECT lower(%L COLLATE %I) = %L', 'ØИΣ', wanted, 'øиσ') INTO knows;
      IF knows THEN
        found := wanted;
        EXIT;
      END IF;
    EXCEPTION WHEN OTHERS THEN
      NULL;
    END;
  END LOOP;
  IF current_setting('server_encoding') = 'UTF8' THEN
    composed := 'normalize(value, NFKD)';
  END IF;
  -- Text of ASCII, which is most of it, takes the short way. The result compares by its bytes everywhere.
  EXECUTE format($fold$
    CREATE FUNCTION fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
      WHEN octet_length(value) = length(value) THEN lower(value COLLATE "C")
      ELSE replace(replace(replace(replace(translate(regexp_replace(
        lower(%s COLLATE %I) COLLATE "C",
        '[\u0300-\u036f]+', '', 'g'),
        'øłđðıςħŧ', 'olddiσht'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
    END
  $fold$, composed, found);
END
$do$;

-- Numbers and identifiers of contacts that were merged into this one: they name it as its own do.
ALTER TABLE "contacts"
  ADD COLUMN "additional_phone_numbers" TEXT[] NOT NULL DEFAULT '{}',
  ADD COLUMN "additional_identifiers" TEXT[] NOT NULL DEFAULT '{}';

-- All by which a contact is looked for, folded, as a column: a search reads it and computes nothing.
DROP INDEX IF EXISTS "contacts_text_idx";
DROP FUNCTION contact_text(text, text, text, text, text[]);
CREATE FUNCTION contact_text(
  name text,
  email text,
  phone_number text,
  identifier text,
  additional_emails text[],
  additional_phone_numbers text[],
  additional_identifiers text[]
) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN concat_ws(' ', name, email, phone_number, identifier, array_to_string(additional_emails, ' '),
    array_to_string(additional_phone_numbers, ' '), array_to_string(additional_identifiers, ' '));
END $$;
ALTER TABLE "contacts" ADD COLUMN "search_text" TEXT GENERATED ALWAYS AS (
  fold(contact_text(
    "name", "email", "phone_number", "identifier", "additional_emails", "additional_phone_numbers", "additional_identifiers"
  ))
) STORED NOT NULL;
DO $$
BEGIN
  CREATE INDEX "contacts_search_text_idx" ON "contacts" USING gin ("search_text" gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'contacts are searched without an index: %', SQLERRM;
END $$;
-- The same by number and identifier, one a row: what another contact has from a merge is taken, as its own would be.
CREATE TABLE "merged_contact_keys" (
  "account_id" INTEGER NOT NULL REFERENCES "accounts" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('phone_number', 'identifier')),
  "value" TEXT NOT NULL,
  "contact_id" INTEGER NOT NULL REFERENCES "contacts" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY ("account_id", "kind", "value")
);
CREATE INDEX "merged_contact_keys_contact_id_idx" ON "merged_contact_keys" ("contact_id");

CREATE FUNCTION keep_merged_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM merged_contact_keys WHERE contact_id = NEW.id;
  INSERT INTO merged_contact_keys (account_id, kind, value, contact_id)
  SELECT NEW.account_id, 'phone_number', v, NEW.id FROM unnest(NEW.additional_phone_numbers) v
  UNION
  SELECT NEW.account_id, 'identifier', v, NEW.id FROM unnest(NEW.additional_identifiers) v;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_merged_keys AFTER UPDATE OF "additional_phone_numbers", "additional_identifiers" ON "contacts" FOR EACH ROW
  WHEN (
    (NEW."additional_phone_numbers", NEW."additional_identifiers")
      IS DISTINCT FROM (OLD."additional_phone_numbers", OLD."additional_identifiers")
    AND rethread_tells()
  )
  EXECUTE FUNCTION keep_merged_keys();

-- After the rows are there: a merge that runs at the same time holds the number until it is committed.
CREATE FUNCTION refuse_merged_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  taken text;
BEGIN
  SELECT k.kind INTO taken
  FROM new_rows n
    JOIN merged_contact_keys k
      ON k.account_id = n.account_id
      AND (k.kind, k.value) IN (('phone_number', n.phone_number), ('identifier', n.identifier))
  WHERE k.contact_id <> n.id
  LIMIT 1;
  IF taken IS NOT NULL THEN
    RAISE unique_violation USING
      MESSAGE = format('another contact has this %s from a merge', taken),
      CONSTRAINT = format('contacts_account_id_%s_key', taken);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_merged_keys_new AFTER INSERT ON "contacts"
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION refuse_merged_keys();

CREATE FUNCTION refuse_merged_keys_of_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  taken text;
BEGIN
  SELECT k.kind INTO taken
  FROM merged_contact_keys k
  WHERE k.account_id = NEW.account_id
    AND (k.kind, k.value) IN (('phone_number', NEW.phone_number), ('identifier', NEW.identifier))
    AND k.contact_id <> NEW.id
  LIMIT 1;
  IF taken IS NOT NULL THEN
    RAISE unique_violation USING
      MESSAGE = format('another contact has this %s from a merge', taken),
      CONSTRAINT = format('contacts_account_id_%s_key', taken);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_merged_keys_changed AFTER UPDATE OF "phone_number", "identifier" ON "contacts" FOR EACH ROW
  WHEN ((NEW."phone_number", NEW."identifier") IS DISTINCT FROM (OLD."phone_number", OLD."identifier") AND rethread_tells())
  EXECUTE FUNCTION refuse_merged_keys_of_changed();

-- Addresses are in lower case by the rules of JavaScript, which know other letters than those of a locale: ASCII is checked.
ALTER TABLE "accounts" DROP CONSTRAINT "accounts_domain_lower";
ALTER TABLE "contacts" DROP CONSTRAINT "contacts_email_lower";
ALTER TABLE "users" DROP CONSTRAINT "users_email_lower";
ALTER TABLE "channels" DROP CONSTRAINT "channels_email_lower";
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_domain_lower" CHECK ("domain" = lower("domain" COLLATE "C"));
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_email_lower" CHECK ("email" = lower("email" COLLATE "C"));
ALTER TABLE "users" ADD CONSTRAINT "users_email_lower" CHECK ("email" = lower("email" COLLATE "C"));
ALTER TABLE "channels" ADD CONSTRAINT "channels_email_lower" CHECK (
  "email" = lower("email" COLLATE "C") AND "forward_to_email" = lower("forward_to_email" COLLATE "C")
);

-- The words of messages so far. Those of ASCII are folded already.
UPDATE "message_words" w SET "words" = to_tsvector('simple', fold(left(coalesce(m."content", ''), 20000)))
FROM "messages" m
WHERE m."id" = w."message_id" AND octet_length(m."content") <> length(m."content");
