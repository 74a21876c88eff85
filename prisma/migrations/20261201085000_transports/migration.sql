-- The transport that an account or inbox sends through, by its name in TRANSPORTS; null: the default.
ALTER TABLE "accounts" ADD COLUMN "transport" VARCHAR(32);
ALTER TABLE "inboxes" ADD COLUMN "transport" VARCHAR(32);
