-- A mail at the door is in no list and in no one's retention yet: it enters those indexes when it is settled, not before.
DROP INDEX "inbound_emails_account_id_id_idx";
CREATE INDEX "inbound_emails_listed_idx" ON "inbound_emails" ("account_id", "id" DESC) WHERE "account_id" IS NOT NULL AND "erased_at" IS NULL;

DROP INDEX "inbound_emails_raw_kept_idx";
CREATE INDEX "inbound_emails_raw_kept_idx" ON "inbound_emails" ("settled_at") WHERE "raw_id" IS NOT NULL AND "settled_at" IS NOT NULL;
