-- Conservation, as before, but that mail without octets is accounted for as long as it is known where to fetch them, and is waiting or has failed.
CREATE OR REPLACE VIEW "conservation" AS
SELECT
  count(*)::int AS accepted,
  count(*) FILTER (WHERE status = 'delivered')::int AS delivered,
  count(*) FILTER (WHERE status = 'held')::int AS held,
  count(*) FILTER (WHERE status = 'ignored')::int AS ignored,
  count(*) FILTER (WHERE status = 'failed')::int AS failed,
  count(*) FILTER (WHERE status = 'pending')::int AS pending,
  count(*) FILTER (WHERE status = 'processing')::int AS processing,
  count(*) FILTER (
    WHERE (status NOT IN ('pending', 'processing') AND reason IS NULL)
       OR (status = 'delivered' AND message_db_id IS NULL AND incinerated_at IS NULL)
       OR (raw_id IS NULL AND incinerated_at IS NULL AND NOT (pointer IS NOT NULL AND status IN ('pending', 'failed')))
  )::int AS unaccounted
FROM "inbound_emails";
