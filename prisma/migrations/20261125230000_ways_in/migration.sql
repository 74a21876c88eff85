-- Mail that a provider keeps and has only told us of, tokens that are good for one mail, and what doctor tells of each service.

ALTER TABLE "inbound_emails" ADD COLUMN "pointer" JSONB;

CREATE TABLE "one_time_tokens" (
    "service" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "idempotency_key" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "one_time_tokens_pkey" PRIMARY KEY ("service","token")
);

CREATE TABLE "ingress_news" (
    "service" TEXT NOT NULL,
    "heard_at" TIMESTAMPTZ(3),
    "refused_at" TIMESTAMPTZ(3),
    "refusal" TEXT,

    CONSTRAINT "ingress_news_pkey" PRIMARY KEY ("service")
);

CREATE INDEX "one_time_tokens_expires_at_idx" ON "one_time_tokens"("expires_at");
