-- A mail that refers to a mail which is accepted but not yet appended waits for it (store/feed/ahead.ts).
ALTER TABLE "inbound_emails"
  ADD COLUMN "waits" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "waits_for" BIGINT;

-- By hash: a Message-ID may be longer than is good in an index, and only mail under way is looked for.
CREATE INDEX "inbound_emails_ahead_idx"
  ON "inbound_emails" (hashtext("message_id"))
  WHERE "status" IN ('pending', 'processing');
