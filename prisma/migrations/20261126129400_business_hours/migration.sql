-- How long a response or resolution took while its inbox was open, beside how long it took: for reports with `business_hours`.

ALTER TABLE "reporting_events" ADD COLUMN "value_in_business_hours" DOUBLE PRECISION NOT NULL DEFAULT 0;

-- Seconds of a time in which an inbox was open; all of them where it has no working hours. Days that nobody has set are as usual
-- (conversations/inboxes/working-hours.ts): nine to five, closed on Saturday and Sunday.
CREATE FUNCTION rethread_business_seconds(inbox inboxes, since timestamptz, till timestamptz) RETURNS double precision LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN inbox.working_hours_enabled IS NOT TRUE THEN greatest(extract(epoch FROM till - since), 0)::float8 ELSE (
    SELECT coalesce(sum(greatest(extract(epoch FROM least(till, closes AT TIME ZONE inbox.timezone) - greatest(since, opens AT TIME ZONE inbox.timezone)), 0)), 0)::float8
    FROM generate_series(date_trunc('day', since AT TIME ZONE inbox.timezone), till AT TIME ZONE inbox.timezone, interval '1 day') AS day,
      LATERAL (SELECT coalesce(
        (SELECT kept FROM jsonb_array_elements(inbox.working_hours) AS kept WHERE (kept ->> 'day_of_week')::int = extract(dow FROM day) LIMIT 1),
        CASE WHEN extract(dow FROM day) IN (0, 6) THEN '{"closed_all_day": true}' ELSE '{"open_hour": 9, "open_minutes": 0, "close_hour": 17, "close_minutes": 0}' END::jsonb) AS hours) AS week,
      LATERAL (SELECT
        CASE WHEN (hours ->> 'open_all_day')::boolean THEN day ELSE day + make_interval(hours => (hours ->> 'open_hour')::int, mins => (hours ->> 'open_minutes')::int) END AS opens,
        CASE WHEN (hours ->> 'open_all_day')::boolean THEN day + interval '1 day' ELSE day + make_interval(hours => (hours ->> 'close_hour')::int, mins => (hours ->> 'close_minutes')::int) END AS closes) AS span
    WHERE (hours ->> 'closed_all_day')::boolean IS NOT TRUE)
  END
$$;

CREATE FUNCTION rethread_report_hours() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  its inboxes;
BEGIN
  SELECT * INTO its FROM inboxes WHERE id = NEW.inbox_id;
  NEW.value_in_business_hours := rethread_business_seconds(its, NEW.created_at - make_interval(secs => NEW.value), NEW.created_at);
  RETURN NEW;
EXCEPTION WHEN invalid_parameter_value THEN
  -- A zone that this database does not know, or not yet: nobody's answer waits for it.
  NEW.value_in_business_hours := NEW.value;
  RETURN NEW;
END $$;
CREATE TRIGGER report_hours BEFORE INSERT ON reporting_events FOR EACH ROW EXECUTE FUNCTION rethread_report_hours();

UPDATE reporting_events SET value_in_business_hours = value;
UPDATE reporting_events r SET value_in_business_hours = rethread_business_seconds(i, r.created_at - make_interval(secs => r.value), r.created_at)
  FROM inboxes i WHERE i.id = r.inbox_id AND i.working_hours_enabled AND EXISTS (SELECT 1 FROM pg_timezone_names z WHERE lower(z.name) = lower(i.timezone));
