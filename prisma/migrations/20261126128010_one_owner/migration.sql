-- A conversation is a person's or a bot's, never both.
UPDATE "conversations" SET "assignee_agent_bot_id" = NULL WHERE "assignee_id" IS NOT NULL AND "assignee_agent_bot_id" IS NOT NULL;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_one_owner" CHECK (num_nonnulls("assignee_id", "assignee_agent_bot_id") <= 1);
