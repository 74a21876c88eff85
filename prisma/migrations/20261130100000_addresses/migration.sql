-- Addresses of contacts as records with a state, the recipient of a conversation's answers, and what a visitor's session
-- said, proved and holds (docs/adr/0024-claimed-given-proven.md).

CREATE TYPE "address_state" AS ENUM ('claimed', 'given', 'proven');

CREATE TABLE "contact_addresses" (
  "id" SERIAL PRIMARY KEY,
  "account_id" INTEGER NOT NULL REFERENCES "accounts" ("id") ON DELETE CASCADE,
  "contact_id" INTEGER NOT NULL REFERENCES "contacts" ("id") ON DELETE CASCADE,
  "contact_inbox_id" INTEGER REFERENCES "contact_inboxes" ("id") ON DELETE CASCADE,
  "email" VARCHAR(320) NOT NULL,
  "state" "address_state" NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "proven_at" TIMESTAMPTZ(3),
  CONSTRAINT "contact_addresses_claimant" CHECK ("state" <> 'claimed' OR "contact_inbox_id" IS NOT NULL)
);

ALTER TABLE "contact_inboxes"
  ADD COLUMN "key_issued" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "made_contact" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "merged" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "claims" JSONB NOT NULL DEFAULT '{}',
  ADD COLUMN "proven_emails" TEXT[] NOT NULL DEFAULT '{}';

ALTER TABLE "conversations" ADD COLUMN "recipient_email" VARCHAR(320);
ALTER TABLE "reply_tokens" ADD COLUMN "email" VARCHAR(320);

-- What is there already. Nobody did any of this: no event, no new updated_at.
ALTER TABLE "contacts" DISABLE TRIGGER USER;
ALTER TABLE "conversations" DISABLE TRIGGER USER;

-- A session of a widget or an Api inbox that proved nothing and whose contact nobody else knows made that contact.
UPDATE "contact_inboxes" p SET
  "key_issued" = p."source_id" ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  "made_contact" = NOT p."hmac_verified"
    AND (k."identifier" IS NULL OR k."additional_attributes" ->> 'claimed_identifier' = k."identifier")
    AND (SELECT count(*) FROM "contact_inboxes" o WHERE o."contact_id" = k."id") = 1
FROM "contacts" k, "inboxes" i, "channels" ch
WHERE k."id" = p."contact_id"
  AND i."id" = p."inbox_id"
  AND ch."id" = i."channel_id"
  AND ch."channel_type" IN ('Channel::WebWidget', 'Channel::Api');

-- An address that a visitor named is a claim: one that another contact has, or from which no mail of this contact ever came.
INSERT INTO "contact_addresses" ("account_id", "contact_id", "contact_inbox_id", "email", "state")
SELECT k."account_id", k."id", p."id", lower(claim."email"), 'claimed'
FROM "contacts" k
JOIN LATERAL (
  SELECT CASE
    WHEN k."additional_attributes" ->> 'unconfirmed_email' = k."email" AND NOT EXISTS (
      SELECT 1 FROM "messages" m
      WHERE m."account_id" = k."account_id" AND m."sender_type" = 'contact' AND m."sender_id" = k."id"
        AND m."conversation_id" IN (SELECT c."id" FROM "conversations" c WHERE c."contact_id" = k."id")
        AND m."content_type" = 'incoming_email'
        AND lower(m."content_attributes" #>> '{email,from,0}') = k."email") THEN k."email"
    WHEN lower(k."additional_attributes" ->> 'claimed_email') <> ALL (array_append(k."additional_emails", coalesce(k."email", '')::text))
      THEN k."additional_attributes" ->> 'claimed_email'
  END AS "email"
) claim ON length(claim."email") BETWEEN 3 AND 320
JOIN LATERAL (
  SELECT o."id" FROM "contact_inboxes" o
    JOIN "inboxes" i ON i."id" = o."inbox_id"
    JOIN "channels" ch ON ch."id" = i."channel_id" AND ch."channel_type" IN ('Channel::WebWidget', 'Channel::Api')
  WHERE o."contact_id" = k."id" ORDER BY o."id" LIMIT 1
) p ON true;

UPDATE "contact_inboxes" p SET "claims" = jsonb_build_object('email', a."email")
FROM "contact_addresses" a WHERE a."contact_inbox_id" = p."id";

UPDATE "contacts" k SET
  "additional_attributes" = k."additional_attributes" - 'unconfirmed_email' || jsonb_build_object('claimed_email', a."email"),
  "email" = nullif(k."email", a."email")
FROM "contact_addresses" a WHERE a."contact_id" = k."id";

-- A hint that names the contact's own address says nothing.
UPDATE "contacts" SET "additional_attributes" = "additional_attributes" - 'unconfirmed_email'
  - CASE WHEN lower("additional_attributes" ->> 'claimed_email') = "email" THEN 'claimed_email' ELSE 'unconfirmed_email' END
WHERE "additional_attributes" ?| '{unconfirmed_email,claimed_email}';

CREATE UNIQUE INDEX "contact_addresses_email_key" ON "contact_addresses" ("account_id", "email") WHERE "state" <> 'claimed';
CREATE UNIQUE INDEX "contact_addresses_claim_key" ON "contact_addresses" ("contact_inbox_id") WHERE "state" = 'claimed';
CREATE INDEX "contact_addresses_contact_id_idx" ON "contact_addresses" ("contact_id");

-- Main addresses first: an address that two contacts have stays with the one whose main address it is.
INSERT INTO "contact_addresses" ("account_id", "contact_id", "email", "state")
SELECT "account_id", "id", "email", 'given' FROM "contacts" WHERE "email" IS NOT NULL;

INSERT INTO "contact_addresses" ("account_id", "contact_id", "email", "state")
SELECT "account_id", "id", unnest("additional_emails"), 'given' FROM "contacts" WHERE "additional_emails" <> '{}' ORDER BY "id"
ON CONFLICT ("account_id", "email") WHERE "state" <> 'claimed' DO NOTHING;

-- An address that another contact has as its own is no further address of this one.
UPDATE "contacts" k SET "additional_emails" = ARRAY(
  SELECT e FROM unnest(k."additional_emails") AS e
  WHERE EXISTS (SELECT 1 FROM "contact_addresses" a WHERE a."contact_id" = k."id" AND a."state" <> 'claimed' AND a."email" = e))
WHERE k."additional_emails" <> '{}';

-- Answers go to the address from which the contact wrote last; where there is no mail, to the contact's address, as so far.
UPDATE "conversations" c SET "recipient_email" = coalesce(
  (
    SELECT nullif(left(lower(m."content_attributes" #>> '{email,from,0}'), 320), '') FROM "messages" m
    WHERE m."conversation_id" = c."id" AND m."message_type" = 'incoming' AND m."content_type" = 'incoming_email'
      AND m."sender_type" = 'contact' AND m."sender_id" = c."contact_id"
    ORDER BY m."id" DESC LIMIT 1
  ),
  k."email")
FROM "contacts" k WHERE k."id" = c."contact_id";

ALTER TABLE "contacts" ENABLE TRIGGER USER;
ALTER TABLE "conversations" ENABLE TRIGGER USER;

-- The addresses that a contact's columns name are given addresses of it, and no others are. An address of another contact
-- breaks contact_addresses_email_key, as the main address of another breaks contacts_account_id_email_key.
CREATE FUNCTION keep_addresses_of_new_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contact_addresses (account_id, contact_id, email, state)
  SELECT account_id, id, email, 'given'::address_state FROM new_rows WHERE email IS NOT NULL
  UNION
  SELECT account_id, id, unnest(additional_emails), 'given'::address_state FROM new_rows WHERE additional_emails <> '{}';
  RETURN NULL;
END $$;
CREATE TRIGGER keep_addresses_new AFTER INSERT ON contacts
  REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION keep_addresses_of_new_contacts();

CREATE FUNCTION keep_addresses_of_changed_contact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  named text[] := array_remove(array_append(NEW.additional_emails, NEW.email::text), NULL);
BEGIN
  DELETE FROM contact_addresses WHERE contact_id = NEW.id AND state <> 'claimed' AND email <> ALL (named);
  INSERT INTO contact_addresses (account_id, contact_id, email, state)
  SELECT DISTINCT NEW.account_id, NEW.id, e, 'given'::address_state FROM unnest(named) AS e
  WHERE NOT EXISTS (
    SELECT 1 FROM contact_addresses a WHERE a.contact_id = NEW.id AND a.state <> 'claimed' AND a.email = e);
  RETURN NULL;
END $$;
CREATE TRIGGER keep_addresses_changed AFTER UPDATE OF email, additional_emails ON contacts FOR EACH ROW
  WHEN ((NEW.email, NEW.additional_emails) IS DISTINCT FROM (OLD.email, OLD.additional_emails) AND rethread_tells())
  EXECUTE FUNCTION keep_addresses_of_changed_contact();

-- Who gets a conversation's answers: the address that wrote or that an agent chose; until there is one, the address that
-- the session which began the conversation claims.
CREATE VIEW conversation_recipients AS
  SELECT c.id AS conversation_id,
    coalesce(c.recipient_email, claim.email) AS email,
    CASE WHEN c.recipient_email IS NULL THEN claim.state ELSE coalesce(known.state, 'given') END AS state,
    known.contact_id AS owner_id
  FROM conversations c
    LEFT JOIN contact_addresses claim
      ON c.recipient_email IS NULL AND claim.contact_inbox_id = c.contact_inbox_id AND claim.state = 'claimed'
    LEFT JOIN contact_addresses known
      ON known.account_id = c.account_id AND known.email = c.recipient_email AND known.state <> 'claimed';

-- Whose mail a message is, or follows. Of an incoming message: the address in From of the mail, '' where it names nobody or was
-- deleted. Of any other: those of all mail that came into the conversation before it, since an answer may tell of each.
-- Of no message (null): those of all mail in the conversation.
CREATE FUNCTION mail_authors(conversation integer, message integer, type message_type) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT coalesce(lower(m.content_attributes #>> '{email,from,0}'), '')), '{}')
  FROM messages m
  WHERE m.conversation_id = conversation
    AND m.message_type = 'incoming'
    AND (m.content_type = 'incoming_email' OR m.inbound_email_id IS NOT NULL)
    AND CASE WHEN message IS NULL THEN true WHEN type = 'incoming' THEN m.id = message ELSE m.id < message END
$$;
