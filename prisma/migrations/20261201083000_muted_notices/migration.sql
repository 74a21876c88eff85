-- Notices that an agent does not want for one inbox, whatever the settings of the account say.
ALTER TABLE "inbox_notifications"
  ALTER COLUMN "new_conversations" DROP NOT NULL,
  ADD COLUMN "muted_email_flags" TEXT[] NOT NULL DEFAULT '{}';
