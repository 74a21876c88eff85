-- A file of contacts is kept as it arrives, piece by piece, each for good: no transaction waits for whoever sends it.

ALTER TYPE "transfer_status" ADD VALUE 'uploading' BEFORE 'pending';

-- Uploads that nobody finishes, and files that nobody needs any more, are found by when they were last touched.
CREATE INDEX "data_transfers_updated_at_idx" ON "data_transfers"("updated_at");
