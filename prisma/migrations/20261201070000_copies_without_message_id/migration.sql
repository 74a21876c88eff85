-- SHA-256 of a mail without a Message-ID, its trace fields left out: by it a second envelope of the same mail is known.
ALTER TABLE "inbound_emails" ADD COLUMN "content_key" BYTEA;
CREATE INDEX "inbound_emails_content_key_idx" ON "inbound_emails" ("content_key") WHERE "content_key" IS NOT NULL;
