-- Each transport has canaries and an alarm of its own. Earlier canaries left through OUTBOUND_SMTP_URL, the transport
-- `smtp`.
ALTER TABLE "canaries" ADD COLUMN "transport" TEXT NOT NULL DEFAULT 'smtp';
ALTER TABLE "canaries" ALTER COLUMN "transport" DROP DEFAULT;
ALTER TABLE "canaries" ADD COLUMN "server" TEXT;
ALTER TABLE "canaries" DROP CONSTRAINT "canaries_outcome_check";
ALTER TABLE "canaries" ADD CONSTRAINT "canaries_outcome_check"
    CHECK ("outcome" IN ('returned', 'late', 'lost', 'not-sent', 'refused', 'other-way'));
CREATE INDEX "canaries_transport_id_idx" ON "canaries"("transport", "id");

UPDATE "installation" SET "name" = 'canary_alarm:smtp' WHERE "name" = 'canary_alarm';
