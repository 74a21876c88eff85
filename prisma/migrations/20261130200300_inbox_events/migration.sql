-- Later events of an inbox, as of conversations and contacts (events/moment.ts).
CREATE INDEX "events_of_inbox_idx"
  ON "events" ("inbox_id", "id")
  WHERE "conversation_id" IS NULL AND "contact_id" IS NULL AND "changes" IS NOT NULL;
