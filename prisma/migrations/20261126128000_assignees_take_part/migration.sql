-- Whoever is given a conversation, by whatever way, takes part in it from then on, if they see its inbox: as Chatwoot's participants do.
CREATE FUNCTION rethread_take_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO conversation_participants (conversation_id, user_id)
  SELECT NEW.id, a.user_id FROM account_users a WHERE a.account_id = NEW.account_id AND a.user_id = NEW.assignee_id
    AND (a.role = 'administrator' OR EXISTS (SELECT 1 FROM inbox_members m WHERE m.inbox_id = NEW.inbox_id AND m.user_id = a.user_id))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER take_part_new AFTER INSERT ON conversations FOR EACH ROW WHEN (NEW.assignee_id IS NOT NULL AND rethread_tells()) EXECUTE FUNCTION rethread_take_part();
CREATE TRIGGER take_part_changed AFTER UPDATE OF assignee_id ON conversations FOR EACH ROW
  WHEN (NEW.assignee_id IS NOT NULL AND NEW.assignee_id IS DISTINCT FROM OLD.assignee_id AND rethread_tells()) EXECUTE FUNCTION rethread_take_part();

INSERT INTO conversation_participants (conversation_id, user_id)
  SELECT c.id, c.assignee_id FROM conversations c JOIN account_users a ON a.account_id = c.account_id AND a.user_id = c.assignee_id
  WHERE a.role = 'administrator' OR EXISTS (SELECT 1 FROM inbox_members m WHERE m.inbox_id = c.inbox_id AND m.user_id = c.assignee_id)
  ON CONFLICT DO NOTHING;
