-- Mail that needs a person: where it was going, when each step ended, what it was before somebody set it aside, and
-- whose mail an account does not want.
ALTER TABLE "inbound_emails"
  ADD COLUMN "inbox_id" INTEGER,
  ADD COLUMN "times" JSONB,
  ADD COLUMN "former" JSONB;

-- What waits for a person, by account: few rows, however long the log is.
CREATE INDEX "inbound_emails_needing_idx"
  ON "inbound_emails" ("account_id", "status", "id" DESC)
  WHERE "status" IN ('held', 'ignored', 'failed') AND "erased_at" IS NULL;

-- The log by sender and by Message-ID. By hash: a Message-ID may be longer than is good in an index.
CREATE INDEX "inbound_emails_from_idx"
  ON "inbound_emails" ("account_id", lower("from_address"), "id" DESC)
  WHERE "account_id" IS NOT NULL AND "erased_at" IS NULL;
CREATE INDEX "inbound_emails_message_id_idx"
  ON "inbound_emails" (hashtext("message_id"))
  WHERE "account_id" IS NOT NULL AND "erased_at" IS NULL;

CREATE TABLE "blocked_senders" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    -- Lower case.
    "address" VARCHAR(320) NOT NULL,
    "created_by_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blocked_senders_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "blocked_senders_account_id_address_key" ON "blocked_senders"("account_id", "address");
CREATE INDEX "blocked_senders_created_by_id_idx" ON "blocked_senders"("created_by_id");
ALTER TABLE "blocked_senders" ADD CONSTRAINT "blocked_senders_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "blocked_senders" ADD CONSTRAINT "blocked_senders_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Told in live streams: mail that is held or has failed, and whatever changes about mail that was settled before.
-- Mail on its way to a conversation tells nothing: its message does.
CREATE FUNCTION tell_inbound_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, inbox_id, facts, performer)
  VALUES (
    NEW.account_id,
    CASE WHEN NEW.status = 'held' AND OLD.status <> 'held' THEN 'inbound_email_held' ELSE 'inbound_email_updated' END,
    NEW.inbox_id,
    jsonb_build_object(
      'id', NEW.id,
      'status', NEW.status,
      'reason', NEW.reason,
      'inbox_ids', to_jsonb(array_remove(ARRAY[
        NEW.inbox_id,
        (SELECT c.inbox_id FROM conversations c WHERE c.id = NEW.conversation_id),
        (SELECT c.inbox_id FROM conversations c WHERE c.id = OLD.conversation_id)
      ], NULL))
    ),
    rethread_performer()
  );
  RETURN NULL;
END $$;
CREATE TRIGGER tell_changed AFTER UPDATE ON "inbound_emails" FOR EACH ROW
  WHEN (
    NEW.status NOT IN ('pending', 'processing')
    AND NEW.account_id IS NOT NULL
    AND NEW.erased_at IS NULL
    AND (NEW.status IN ('held', 'failed') OR OLD.settled_at IS NOT NULL)
    AND (NEW.status, NEW.reason, NEW.conversation_id) IS DISTINCT FROM (OLD.status, OLD.reason, OLD.conversation_id)
    AND rethread_tells()
  )
  EXECUTE FUNCTION tell_inbound_email();
