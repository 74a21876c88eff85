-- What is told by POST, to whom, and how it went (docs/adr/0013-events.md). A delivery is written in the transaction that gives its event a position.

-- Whoever is told: 'webhook:12', 'inbox:3' (an Api inbox's own address), 'agent_bot:5'. How it fares belongs to one address.
CREATE TABLE "webhook_subscribers" (
    "id" TEXT NOT NULL,
    "account_id" INTEGER NOT NULL,
    "url" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "resume_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_reason" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "owner" INTEGER,

    CONSTRAINT "webhook_subscribers_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_deliveries" (
    "id" BIGSERIAL NOT NULL,
    "uuid" UUID NOT NULL DEFAULT gen_random_uuid(),
    "account_id" INTEGER NOT NULL,
    "subscriber" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    "message_id" INTEGER,
    "body" TEXT,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "give_up_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now() + interval '24 hours',
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "webhook_deliveries_uuid_key" ON "webhook_deliveries"("uuid");
CREATE INDEX "webhook_deliveries_subscriber_id_idx" ON "webhook_deliveries"("subscriber", "id");
CREATE INDEX "webhook_deliveries_position_idx" ON "webhook_deliveries"("position");
-- What is due, and what it waits for: the delivery before it of the same conversation.
CREATE INDEX "webhook_deliveries_due_idx" ON "webhook_deliveries" ("subscriber", "run_at", "id") WHERE "finished_at" IS NULL;
CREATE INDEX "webhook_deliveries_order_idx" ON "webhook_deliveries" ("subscriber", "key", "id") WHERE "finished_at" IS NULL;

CREATE TABLE "webhook_attempts" (
    "id" BIGSERIAL NOT NULL,
    "delivery_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "response_code" INTEGER,
    "excerpt" TEXT,
    "error" TEXT,
    "duration_ms" INTEGER NOT NULL,

    CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhook_attempts_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "webhook_deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "webhook_attempts_delivery_id_idx" ON "webhook_attempts"("delivery_id");
