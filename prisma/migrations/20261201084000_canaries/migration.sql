-- Mail that the installation sends to itself, to see that mail leaves and comes back. Only a keyed hash of the token in
-- its address is kept.
CREATE TABLE "canaries" (
    "id" BIGSERIAL NOT NULL,
    "token_hash" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    "sent_at" TIMESTAMPTZ(3),
    "handed_over_at" TIMESTAMPTZ(3),
    "answer" TEXT,
    "error" TEXT,
    "returned_at" TIMESTAMPTZ(3),
    "returned_by" TEXT,
    "outcome" TEXT,
    CONSTRAINT "canaries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "canaries_outcome_check" CHECK ("outcome" IN ('returned', 'late', 'lost', 'not-sent'))
);

CREATE UNIQUE INDEX "canaries_token_hash_key" ON "canaries"("token_hash");
CREATE INDEX "canaries_created_at_idx" ON "canaries"("created_at");
