-- What agents do with conversations: a bot may have one, people are mentioned in one, and members of an inbox take turns.

ALTER TABLE "conversations" ADD COLUMN "assignee_agent_bot_id" INTEGER;

-- Its place in the round: who has the lowest turn is next.
ALTER TABLE "inbox_members" ADD COLUMN "assigned_turn" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "mentions" (
    "conversation_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "mentioned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "mentions_pkey" PRIMARY KEY ("conversation_id","user_id"),
    CONSTRAINT "mentions_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "mentions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "mentions_user_id_idx" ON "mentions"("user_id");
