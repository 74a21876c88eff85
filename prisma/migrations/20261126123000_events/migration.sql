-- What happened, written by the database itself in the transaction in which it happened: nothing is announced that was not committed, nothing is
-- committed that is not announced (docs/adr/0013-events.md). A room only says who acts (`rethread.performer`).

-- No foreign keys: an event outlives what it tells of, and mail on its way in takes no further lock.
CREATE TABLE "events" (
    "id" BIGSERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "conversation_id" INTEGER,
    "message_id" INTEGER,
    "contact_id" INTEGER,
    "inbox_id" INTEGER,
    "changes" JSONB,
    "performer" TEXT,
    "facts" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "position" BIGINT,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- Given by the announcer, in one place at a time: ids become visible in another order than they were taken, positions do not.
CREATE SEQUENCE "event_positions" OWNED BY "events"."position";

CREATE INDEX "events_unannounced_idx" ON "events" ("id") WHERE "position" IS NULL;
CREATE INDEX "events_of_account_idx" ON "events" ("account_id", "position") WHERE "position" IS NOT NULL;

-- Off while a database is copied: what is copied happened long ago.
CREATE FUNCTION rethread_tells() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT current_setting('rethread.silent', true) IS DISTINCT FROM 'on' $$;

CREATE FUNCTION rethread_performer() RETURNS text LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('rethread.performer', true), '') $$;

-- {attribute: {previous_value, current_value}} of what differs, of `names` only; null when nothing does.
CREATE FUNCTION rethread_changes(previous jsonb, current jsonb, names text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(name, jsonb_build_object('previous_value', previous -> name, 'current_value', current -> name) ORDER BY place)
  FROM unnest(names) WITH ORDINALITY AS n(name, place) WHERE previous -> name IS DISTINCT FROM current -> name
$$;

-- The keys of one object that stand otherwise in the other.
CREATE FUNCTION rethread_differing(one jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(one) WHERE value IS DISTINCT FROM other -> key
$$;

-- Messages: a statement's rows at once, so that a group of incoming mails pays for one trigger and not for each of its messages.
CREATE FUNCTION tell_new_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, conversation_id, message_id, inbox_id, performer)
  SELECT account_id, 'message_created', conversation_id, id, inbox_id, rethread_performer() FROM new_rows ORDER BY id;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_new AFTER INSERT ON messages REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION tell_new_messages();

CREATE FUNCTION tell_changed_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, conversation_id, message_id, inbox_id, changes, performer)
  SELECT n.account_id, 'message_updated', n.conversation_id, n.id, n.inbox_id,
    rethread_changes(
      jsonb_build_object('content', o.content, 'status', o.status, 'content_type', o.content_type, 'private', o.private, 'content_attributes', rethread_differing(o.content_attributes, n.content_attributes)),
      jsonb_build_object('content', n.content, 'status', n.status, 'content_type', n.content_type, 'private', n.private, 'content_attributes', rethread_differing(n.content_attributes, o.content_attributes)),
      '{content,status,content_type,private,content_attributes}'),
    rethread_performer()
  FROM new_rows n JOIN old_rows o ON o.id = n.id
  WHERE (n.status, n.content_type, n.private, n.content, n.content_attributes) IS DISTINCT FROM (o.status, o.content_type, o.private, o.content, o.content_attributes)
  ORDER BY n.id;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_changed AFTER UPDATE ON messages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION tell_changed_messages();

CREATE FUNCTION tell_new_conversations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, conversation_id, contact_id, inbox_id, performer)
  SELECT account_id, 'conversation_created', id, contact_id, inbox_id, rethread_performer() FROM new_rows ORDER BY id;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_new AFTER INSERT ON conversations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION tell_new_conversations();

-- The first condition keeps what every mail does (last activity) from being looked at closely.
CREATE FUNCTION tell_changed_conversations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, conversation_id, contact_id, inbox_id, changes, performer)
  SELECT n.account_id, e.name, n.id, n.contact_id, n.inbox_id, e.changes, rethread_performer()
  FROM new_rows n JOIN old_rows o ON o.id = n.id,
    LATERAL (SELECT to_jsonb(o) || jsonb_build_object('label_list', o.labels) AS previous, to_jsonb(n) || jsonb_build_object('label_list', n.labels) AS current) r,
    LATERAL (SELECT rethread_changes(r.previous, r.current, '{status,snoozed_until,assignee_id,assignee_agent_bot_id,team_id,priority,custom_attributes,label_list,waiting_since,first_reply_created_at}') AS listed,
      CASE WHEN n.additional_attributes -> 'conversation_language' IS DISTINCT FROM o.additional_attributes -> 'conversation_language'
        THEN rethread_changes(r.previous, r.current, '{additional_attributes}') END AS language) c,
    LATERAL (VALUES
      (1, 'conversation_opened', n.status = 'open' AND o.status <> 'open', jsonb_build_object('status', c.listed -> 'status')),
      (2, 'conversation_resolved', n.status = 'resolved' AND o.status <> 'resolved', jsonb_build_object('status', c.listed -> 'status')),
      (3, 'conversation_status_changed', n.status <> o.status, jsonb_build_object('status', c.listed -> 'status')),
      (4, 'assignee_changed', n.assignee_id IS DISTINCT FROM o.assignee_id, jsonb_build_object('assignee_id', c.listed -> 'assignee_id')),
      (5, 'team_changed', n.team_id IS DISTINCT FROM o.team_id, jsonb_build_object('team_id', c.listed -> 'team_id')),
      (6, 'conversation_contact_changed', n.contact_id <> o.contact_id, rethread_changes(r.previous, r.current, '{contact_id}')),
      (7, 'first_reply_created', n.first_reply_created_at IS NOT NULL AND o.first_reply_created_at IS NULL, jsonb_build_object('first_reply_created_at', c.listed -> 'first_reply_created_at')),
      (8, 'conversation_read', n.contact_last_seen_at IS DISTINCT FROM o.contact_last_seen_at, rethread_changes(r.previous, r.current, '{contact_last_seen_at}')),
      (9, 'conversation_updated', coalesce(c.listed, c.language) IS NOT NULL, coalesce(c.listed, '{}') || coalesce(c.language, '{}'))
    ) AS e(place, name, applies, changes)
  WHERE (n.status, n.snoozed_until, n.assignee_id, n.assignee_agent_bot_id, n.team_id, n.priority, n.labels, n.waiting_since, n.first_reply_created_at, n.contact_id, n.contact_last_seen_at, n.custom_attributes, n.additional_attributes)
    IS DISTINCT FROM (o.status, o.snoozed_until, o.assignee_id, o.assignee_agent_bot_id, o.team_id, o.priority, o.labels, o.waiting_since, o.first_reply_created_at, o.contact_id, o.contact_last_seen_at, o.custom_attributes, o.additional_attributes)
    AND e.applies
  ORDER BY n.id, e.place;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_changed AFTER UPDATE ON conversations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION tell_changed_conversations();

CREATE FUNCTION tell_new_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, contact_id, performer) SELECT account_id, 'contact_created', id, rethread_performer() FROM new_rows ORDER BY id;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_new AFTER INSERT ON contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (rethread_tells()) EXECUTE FUNCTION tell_new_contacts();

CREATE FUNCTION tell_changed_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, contact_id, changes, performer)
  VALUES (NEW.account_id, 'contact_updated', NEW.id,
    rethread_changes(to_jsonb(OLD) || jsonb_build_object('label_list', OLD.labels), to_jsonb(NEW) || jsonb_build_object('label_list', NEW.labels),
      '{name,email,additional_emails,phone_number,identifier,contact_type,blocked,avatar_url,label_list,additional_attributes,custom_attributes}'),
    rethread_performer());
  RETURN NULL;
END $$;
CREATE TRIGGER tell_changed AFTER UPDATE ON contacts FOR EACH ROW
  WHEN ((NEW.name, NEW.email, NEW.additional_emails, NEW.phone_number, NEW.identifier, NEW.contact_type, NEW.blocked, NEW.avatar_url, NEW.labels, NEW.additional_attributes, NEW.custom_attributes)
    IS DISTINCT FROM (OLD.name, OLD.email, OLD.additional_emails, OLD.phone_number, OLD.identifier, OLD.contact_type, OLD.blocked, OLD.avatar_url, OLD.labels, OLD.additional_attributes, OLD.custom_attributes))
  EXECUTE FUNCTION tell_changed_contact();

-- Its numbers are all that is told of a contact that is gone: enough for a client to take it out of its lists, and nothing of the person.
CREATE FUNCTION tell_deleted_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO events (account_id, name, contact_id, facts, performer)
  VALUES (OLD.account_id, 'contact_deleted', OLD.id, jsonb_build_object('id', OLD.id, 'account_id', OLD.account_id), rethread_performer());
  RETURN NULL;
END $$;
CREATE TRIGGER tell_deleted AFTER DELETE ON contacts FOR EACH ROW WHEN (rethread_tells()) EXECUTE FUNCTION tell_deleted_contact();

CREATE FUNCTION tell_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    changed := rethread_changes(to_jsonb(OLD), to_jsonb(NEW), ARRAY(SELECT jsonb_object_keys(to_jsonb(NEW) - 'id' - 'updated_at')));
    IF changed IS NULL THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO events (account_id, name, inbox_id, changes, performer)
  VALUES (NEW.account_id, CASE TG_OP WHEN 'INSERT' THEN 'inbox_created' ELSE 'inbox_updated' END, NEW.id, changed, rethread_performer());
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON inboxes FOR EACH ROW WHEN (rethread_tells()) EXECUTE FUNCTION tell_inbox();
