-- Rules: when an event happens to a conversation that meets the conditions, actions are taken, once per rule and event.

CREATE TABLE "automation_rules" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "event_name" TEXT NOT NULL,
    "conditions" JSONB NOT NULL DEFAULT '[]',
    "actions" JSONB NOT NULL DEFAULT '[]',
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),

    CONSTRAINT "automation_rules_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "automation_rules_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "automation_rules_account_id_idx" ON "automation_rules"("account_id");

-- What has been done: work that is done again after a crash does nothing twice. Goes with the events.
CREATE TABLE "automation_runs" (
    "rule_id" INTEGER NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "automation_runs_pkey" PRIMARY KEY ("rule_id", "position"),
    CONSTRAINT "automation_runs_rule_id_fkey" FOREIGN KEY ("rule_id") REFERENCES "automation_rules"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
