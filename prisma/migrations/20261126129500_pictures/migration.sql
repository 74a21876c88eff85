-- Pictures of people, inboxes and bots, sent as files: uploads that stay for as long as a record has their address. People belong to no account.

ALTER TABLE "users" ADD COLUMN "avatar_url" TEXT;
ALTER TABLE "uploads" ALTER COLUMN "account_id" DROP NOT NULL, ADD COLUMN "picture_url" TEXT;
CREATE INDEX "contacts_avatar_url_idx" ON "contacts"("avatar_url") WHERE "avatar_url" IS NOT NULL;
