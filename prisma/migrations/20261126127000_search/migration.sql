-- Searching (docs/adr/0017-searching.md). The words of messages are kept apart from them, and written after them: mail on its way in pays nothing.
CREATE TABLE "message_words" (
    "message_id" INTEGER NOT NULL,
    "account_id" INTEGER NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "words" TSVECTOR NOT NULL,

    CONSTRAINT "message_words_pkey" PRIMARY KEY ("message_id"),
    CONSTRAINT "message_words_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "message_words" ("message_id", "account_id", "conversation_id", "words")
  SELECT "id", "account_id", "conversation_id", to_tsvector('simple', left("content", 20000)) FROM "messages" WHERE "message_type" <> 'activity' AND "content" <> '';
CREATE INDEX "message_words_words_idx" ON "message_words" USING gin ("words");

-- Events of messages in the order in which they are told: what the words follow.
CREATE INDEX "events_of_messages_idx" ON "events" ("position") WHERE "position" IS NOT NULL AND "name" IN ('message_created', 'message_updated');

-- All by which a contact is looked for, as one text. Immutable, so that an index may hold it.
CREATE FUNCTION contact_text(name text, email text, phone_number text, identifier text, additional_emails text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN concat_ws(' ', name, email, phone_number, identifier, array_to_string(additional_emails, ' '));
END $$;

-- A trusted extension; where it cannot be had, contacts are searched row by row.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX "contacts_text_idx" ON "contacts" USING gin (contact_text("name", "email", "phone_number", "identifier", "additional_emails") gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
  RAISE NOTICE 'contacts are searched without an index: %', SQLERRM;
END $$;
