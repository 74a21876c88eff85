-- Files that are sent before the message, or the rule, that carries them.

CREATE TABLE "uploads" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "token" UUID NOT NULL DEFAULT gen_random_uuid(),
    "file_name" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "byte_size" INTEGER NOT NULL,
    "blob_sha256" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "uploads_token_key" ON "uploads"("token");
CREATE INDEX "uploads_account_id_idx" ON "uploads"("account_id");
CREATE INDEX "uploads_blob_sha256_idx" ON "uploads"("blob_sha256");
CREATE INDEX "uploads_created_at_idx" ON "uploads"("created_at");
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_blob_sha256_fkey" FOREIGN KEY ("blob_sha256") REFERENCES "blobs"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
