-- A bot that is deleted leaves its conversations to nobody.
CREATE INDEX "conversations_assignee_agent_bot_id_idx" ON "conversations" ("assignee_agent_bot_id") WHERE "assignee_agent_bot_id" IS NOT NULL;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_assignee_agent_bot_id_fkey" FOREIGN KEY ("assignee_agent_bot_id") REFERENCES "agent_bots"("id") ON DELETE SET NULL ON UPDATE CASCADE;
