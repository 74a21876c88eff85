-- The newest messages of an account first, where a word is common.
CREATE INDEX "message_words_account_id_message_id_idx" ON "message_words"("account_id", "message_id");
