-- Conversations that were merged into others, and what is needed to undo that (docs/adr/0040-merging-conversations.md).

-- Shown as resolved; lists, counts and reports of the four other states leave it out.
ALTER TYPE "conversation_status" ADD VALUE 'merged';

-- The conversation that has its messages now, never one that is merged itself.
ALTER TABLE "conversations" ADD COLUMN "merged_into_id" INTEGER REFERENCES "conversations" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX "conversations_merged_into_id_idx" ON "conversations" ("merged_into_id");

CREATE TABLE "conversation_merges" (
  "id" SERIAL PRIMARY KEY,
  "account_id" INTEGER NOT NULL REFERENCES "accounts" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "target_id" INTEGER NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "merged_id" INTEGER NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "user_id" INTEGER REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
  -- What was moved, and what both were before.
  "message_ids" INTEGER[] NOT NULL,
  "kept" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  "undone_at" TIMESTAMPTZ(3)
);
CREATE INDEX "conversation_merges_account_id_idx" ON "conversation_merges" ("account_id");
CREATE INDEX "conversation_merges_target_id_idx" ON "conversation_merges" ("target_id");
CREATE INDEX "conversation_merges_merged_id_idx" ON "conversation_merges" ("merged_id");
CREATE INDEX "conversation_merges_user_id_idx" ON "conversation_merges" ("user_id");
