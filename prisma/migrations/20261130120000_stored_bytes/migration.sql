-- What was stored in a day, for the quotas of visitors, client networks and accounts (queue/quotas.ts).
CREATE TABLE "stored_bytes" (
    "day" DATE NOT NULL,
    "key" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "stored_bytes_pkey" PRIMARY KEY ("day", "key")
);
