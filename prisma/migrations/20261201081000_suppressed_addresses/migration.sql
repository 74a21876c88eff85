-- Addresses that an account does not mail: hard bounces, complaints, and those that its people add. `message_id` has no
-- foreign key: the reason outlives the message.
CREATE TABLE "suppressed_addresses" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "address" VARCHAR(320) NOT NULL,
    "reason" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',
    "message_id" INTEGER,
    "created_by_id" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "suppressed_addresses_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "suppressed_addresses_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "suppressed_addresses_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "suppressed_addresses_account_id_address_key" ON "suppressed_addresses" ("account_id", "address");
CREATE INDEX "suppressed_addresses_created_by_id_idx" ON "suppressed_addresses" ("created_by_id");
