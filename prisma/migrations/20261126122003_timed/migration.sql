-- The few that sleep, in the order in which they wake.
CREATE INDEX "conversations_snoozed_idx" ON "conversations" ("snoozed_until") WHERE "status" = 'snoozed' AND "snoozed_until" IS NOT NULL;
