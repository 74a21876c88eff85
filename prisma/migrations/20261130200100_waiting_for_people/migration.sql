-- As Chatwoot counts them: the first response takes from the last hand-off of a bot, or from the beginning; the first answer is no reply_time as well.
CREATE OR REPLACE FUNCTION rethread_report() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  writer_type text;
  writer_id integer;
  handed_off_at timestamptz;
BEGIN
  IF NEW.waiting_since IS NULL OR OLD.first_reply_created_at IS NULL THEN
    SELECT sender_type, sender_id INTO writer_type, writer_id
    FROM messages
    WHERE conversation_id = NEW.id AND message_type = 'outgoing' AND NOT private
    ORDER BY id DESC
    LIMIT 1;
  END IF;
  IF OLD.first_reply_created_at IS NULL AND NEW.first_reply_created_at IS NOT NULL THEN
    SELECT max(created_at) INTO handed_off_at
    FROM reporting_events
    WHERE conversation_id = NEW.id AND name = 'conversation_bot_handoff';
    INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
    VALUES (
      NEW.account_id,
      NEW.inbox_id,
      CASE WHEN writer_type = 'user' THEN writer_id ELSE NEW.assignee_id END,
      NEW.id,
      'first_response',
      greatest(extract(epoch FROM NEW.first_reply_created_at - coalesce(handed_off_at, NEW.created_at)), 0)
    );
  ELSIF OLD.waiting_since IS NOT NULL AND NEW.waiting_since IS NULL AND NEW.status <> 'resolved' AND writer_type = 'user' THEN
    INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
    VALUES (
      NEW.account_id,
      NEW.inbox_id,
      NEW.assignee_id,
      NEW.id,
      'reply_time',
      greatest(extract(epoch FROM now() - OLD.waiting_since), 0)
    );
  END IF;
  IF OLD.status <> 'resolved' AND NEW.status = 'resolved' THEN
    INSERT INTO reporting_events (account_id, inbox_id, user_id, conversation_id, name, value)
    SELECT
      NEW.account_id,
      NEW.inbox_id,
      NEW.assignee_id,
      NEW.id,
      r.name,
      greatest(extract(epoch FROM now() - NEW.created_at), 0)
    FROM (VALUES
      ('conversation_resolved', true),
      ('conversation_bot_resolved',
        EXISTS (SELECT 1 FROM inboxes i WHERE i.id = NEW.inbox_id AND i.agent_bot_id IS NOT NULL)
        AND NOT EXISTS (
          SELECT 1 FROM messages m
          WHERE m.conversation_id = NEW.id AND m.message_type = 'outgoing' AND m.sender_type = 'user'
        ))
    ) AS r(name, applies)
    WHERE r.applies;
  END IF;
  RETURN NULL;
END $$;
