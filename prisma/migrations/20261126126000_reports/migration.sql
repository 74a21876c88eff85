-- What reports count that no row keeps: each first response, reply and resolution with how long it took, written by the database itself in the
-- transaction in which it happened.

CREATE TABLE "reporting_events" (
    "id" BIGSERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "inbox_id" INTEGER,
    "user_id" INTEGER,
    "conversation_id" INTEGER,
    "name" TEXT NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "reporting_events_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "reporting_events_account_id_name_created_at_idx" ON "reporting_events"("account_id", "name", "created_at");
CREATE INDEX "reporting_events_conversation_id_idx" ON "reporting_events"("conversation_id");
ALTER TABLE "reporting_events" ADD CONSTRAINT "reporting_events_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Messages are written in the order of time: a few pages of summary find a month of them, at next to no cost for mail on its way in.
CREATE INDEX "messages_created_at_idx" ON "messages" USING brin ("created_at");
CREATE INDEX "conversations_account_id_created_at_idx" ON "conversations"("account_id", "created_at");

-- As Chatwoot counts them: the first response is of whoever wrote it, the rest of whose the conversation is; what a bot has answered ends the waiting
-- and is no reply of a person; where a bot works and no person has written, a resolution is also the bot's.
CREATE FUNCTION rethread_report() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  writer_type text;
  writer_id integer;
BEGIN
  IF NEW.waiting_since IS NULL OR OLD.first_reply_created_at IS NULL THEN
    SELECT sender_type, sender_id INTO writer_type, writer_id FROM messages WHERE conversation_id = NEW.id AND message_type = 'outgoing' AND NOT private ORDER BY id DESC LIMIT 1;
  END IF;
  IF OLD.first_reply_created_at IS NULL AND NEW.first_reply_created_at IS NOT NULL THEN
    INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
    VALUES (NEW.account_id, NEW.inbox_id, CASE WHEN writer_type = 'user' THEN writer_id ELSE NEW.assignee_id END, NEW.id, 'first_response',
      greatest(extract(epoch FROM NEW.first_reply_created_at - NEW.created_at), 0));
  END IF;
  IF OLD.waiting_since IS NOT NULL AND NEW.waiting_since IS NULL AND NEW.status <> 'resolved' AND writer_type = 'user' THEN
    INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
    VALUES (NEW.account_id, NEW.inbox_id, NEW.assignee_id, NEW.id, 'reply_time', greatest(extract(epoch FROM now() - OLD.waiting_since), 0));
  END IF;
  IF OLD.status <> 'resolved' AND NEW.status = 'resolved' THEN
    INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
    SELECT NEW.account_id, NEW.inbox_id, NEW.assignee_id, NEW.id, r.name, greatest(extract(epoch FROM now() - NEW.created_at), 0)
    FROM (VALUES ('conversation_resolved', true),
      ('conversation_bot_resolved', EXISTS (SELECT 1 FROM inboxes i WHERE i.id = NEW.inbox_id AND i.agent_bot_id IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = NEW.id AND m.message_type = 'outgoing' AND m.sender_type = 'user'))
    ) AS r(name, applies) WHERE r.applies;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER report_conversation AFTER UPDATE ON conversations FOR EACH ROW
  WHEN ((OLD.first_reply_created_at IS NULL AND NEW.first_reply_created_at IS NOT NULL) OR (OLD.waiting_since IS NOT NULL AND NEW.waiting_since IS NULL) OR (OLD.status <> 'resolved' AND NEW.status = 'resolved'))
  EXECUTE FUNCTION rethread_report();

CREATE FUNCTION rethread_report_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
  SELECT c.account_id, c.inbox_id, c.assignee_id, c.id, 'conversation_bot_handoff', greatest(extract(epoch FROM now() - c.created_at), 0) FROM conversations c WHERE c.id = NEW.conversation_id;
  RETURN NULL;
END $$;
CREATE TRIGGER report_handoff AFTER INSERT ON events FOR EACH ROW WHEN (NEW.name = 'conversation_bot_handoff') EXECUTE FUNCTION rethread_report_handoff();
