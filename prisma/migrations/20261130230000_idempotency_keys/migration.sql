-- What a POST with an Idempotency-Key, or a message with an echo_id, did: for 24 hours a retry does not do it again.
CREATE TABLE "idempotency_keys" (
    "owner" BYTEA NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "leased_until" TIMESTAMPTZ(3),
    "message_id" INTEGER,
    "conversation_id" INTEGER,
    "answer" BYTEA,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("owner", "key")
);
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");
