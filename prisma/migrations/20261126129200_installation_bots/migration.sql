-- A bot without an account is the installation's: any account may give it its inboxes.
ALTER TABLE "agent_bots" ALTER COLUMN "account_id" DROP NOT NULL;
