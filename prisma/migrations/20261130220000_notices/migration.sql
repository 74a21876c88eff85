-- Which notices an agent is mailed, in an account and for the new conversations of an inbox.
CREATE TABLE "notification_settings" (
  "account_id" INTEGER NOT NULL,
  "user_id" INTEGER NOT NULL,
  "email_flags" TEXT[] NOT NULL,
  "push_flags" TEXT[] NOT NULL,
  CONSTRAINT "notification_settings_pkey" PRIMARY KEY ("account_id", "user_id"),
  CONSTRAINT "notification_settings_member_fkey" FOREIGN KEY ("account_id", "user_id")
    REFERENCES "account_users"("account_id", "user_id") ON DELETE CASCADE
);

CREATE TABLE "inbox_notifications" (
  "inbox_id" INTEGER NOT NULL REFERENCES "inboxes"("id") ON DELETE CASCADE,
  "user_id" INTEGER NOT NULL REFERENCES "users"("id") ON DELETE CASCADE,
  "new_conversations" TEXT NOT NULL,
  CONSTRAINT "inbox_notifications_pkey" PRIMARY KEY ("inbox_id", "user_id"),
  CONSTRAINT "inbox_notifications_new_conversations_check" CHECK ("new_conversations" IN ('all', 'unassigned', 'none'))
);
CREATE INDEX "inbox_notifications_user_id_idx" ON "inbox_notifications"("user_id");

-- The last message that an agent was mailed in a conversation, and when.
ALTER TABLE "reply_tokens"
  ADD COLUMN "noticed_message_id" INTEGER,
  ADD COLUMN "last_notice_at" TIMESTAMPTZ(3);
CREATE INDEX "reply_tokens_last_notice_idx" ON "reply_tokens"("user_id", "last_notice_at") WHERE "role" = 'agent';

-- Who may hear of a new conversation in an inbox: its members; where none of them has an address that can receive mail,
-- the administrators of the account; and administrators who ask for it. An address under .invalid (RFC 2606) cannot receive mail.
CREATE VIEW inbox_watchers AS
SELECT
  i.id AS inbox_id,
  a.user_id,
  coalesce(
    n.new_conversations,
    CASE
      WHEN s.email_flags IS NULL OR 'email_conversation_creation' = ANY (s.email_flags) THEN 'unassigned'
      ELSE 'none'
    END
  ) AS level
FROM inboxes i
JOIN acting_members a ON a.account_id = i.account_id
LEFT JOIN inbox_members m ON m.inbox_id = i.id AND m.user_id = a.user_id
LEFT JOIN inbox_notifications n ON n.inbox_id = i.id AND n.user_id = a.user_id
LEFT JOIN notification_settings s ON s.account_id = i.account_id AND s.user_id = a.user_id
WHERE a.email NOT LIKE '%.invalid'
  AND (
    m.user_id IS NOT NULL
    OR a.role = 'administrator' AND (
      n.new_conversations IS NOT NULL
      OR NOT EXISTS (
        SELECT 1
        FROM inbox_members o
        JOIN acting_members b ON b.account_id = i.account_id AND b.user_id = o.user_id
        WHERE o.inbox_id = i.id AND b.email NOT LIKE '%.invalid'
      )
    )
  );
