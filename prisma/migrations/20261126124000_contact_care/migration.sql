-- Notes on contacts, and files of contacts that come in and go out.

CREATE TABLE "contact_notes" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "contact_id" INTEGER NOT NULL,
    "user_id" INTEGER,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_notes_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "contact_notes_contact_id_id_idx" ON "contact_notes"("contact_id", "id");
ALTER TABLE "contact_notes" ADD CONSTRAINT "contact_notes_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "contact_notes" ADD CONSTRAINT "contact_notes_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "contact_notes" ADD CONSTRAINT "contact_notes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

CREATE TYPE "transfer_status" AS ENUM ('pending', 'processing', 'completed', 'failed');

CREATE TABLE "data_transfers" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "user_id" INTEGER,
    "direction" TEXT NOT NULL,
    "status" "transfer_status" NOT NULL DEFAULT 'pending',
    "wanted" JSONB NOT NULL DEFAULT '{}',
    "byte_size" BIGINT NOT NULL DEFAULT 0,
    "total_records" INTEGER,
    "processed_records" INTEGER NOT NULL DEFAULT 0,
    "created_records" INTEGER NOT NULL DEFAULT 0,
    "changed_records" INTEGER NOT NULL DEFAULT 0,
    "refused_records" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "token" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "data_transfers_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "data_transfers_account_id_id_idx" ON "data_transfers"("account_id", "id");
CREATE UNIQUE INDEX "data_transfers_token_key" ON "data_transfers"("token");
ALTER TABLE "data_transfers" ADD CONSTRAINT "data_transfers_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "data_transfers" ADD CONSTRAINT "data_transfers_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- The file itself, in pieces; and the rows of an import that were refused, each with its reasons.
CREATE TABLE "data_transfer_pieces" (
    "transfer_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "data_transfer_pieces_pkey" PRIMARY KEY ("transfer_id", "kind", "number")
);
ALTER TABLE "data_transfer_pieces" ADD CONSTRAINT "data_transfer_pieces_transfer_id_fkey" FOREIGN KEY ("transfer_id") REFERENCES "data_transfers"("id") ON DELETE CASCADE ON UPDATE CASCADE;
