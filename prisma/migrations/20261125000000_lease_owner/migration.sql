-- Whose lease it is: the number under which a process holds an advisory lock while it lives (db/presence). Mail and work whose process is
-- gone are taken up at once instead of at the end of the lease. Null: a lease of an older version, which ends by itself.
ALTER TABLE "inbound_emails" ADD COLUMN "owner" INTEGER;
ALTER TABLE "work" ADD COLUMN "owner" INTEGER;
-- Set afterwards, so that rows that are there stay without an owner.
ALTER TABLE "inbound_emails" ALTER COLUMN "owner" SET DEFAULT nullif(current_setting('rethread.owner', true), '')::integer;
ALTER TABLE "work" ALTER COLUMN "owner" SET DEFAULT nullif(current_setting('rethread.owner', true), '')::integer;
