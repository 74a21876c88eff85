-- What an event tells is what was true at the end of its transaction: what later events of the same row changed is undone (events/moment.ts).
ALTER TABLE "events" ADD COLUMN "tx" BIGINT;
ALTER TABLE "events" ALTER COLUMN "tx" SET DEFAULT txid_current();

CREATE INDEX "events_of_conversation_idx"
  ON "events" ("conversation_id", "id")
  WHERE "conversation_id" IS NOT NULL AND ("changes" IS NOT NULL OR "name" = 'message_created');

CREATE INDEX "events_of_contact_idx"
  ON "events" ("contact_id", "id")
  WHERE "conversation_id" IS NULL AND "changes" IS NOT NULL;
