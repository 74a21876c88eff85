-- An agent's address for new conversations in one inbox: `new+<token>@domain`. As of reply tokens, a nonce and a keyed
-- hash are kept, and neither yields the token without the installation's key.
CREATE TABLE "new_conversation_addresses" (
    "inbox_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "account_id" INTEGER NOT NULL,
    "nonce" BYTEA NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "new_conversation_addresses_pkey" PRIMARY KEY ("inbox_id", "user_id")
);
CREATE UNIQUE INDEX "new_conversation_addresses_token_hash_key" ON "new_conversation_addresses"("token_hash");
CREATE INDEX "new_conversation_addresses_account_id_user_id_idx" ON "new_conversation_addresses"("account_id", "user_id");
ALTER TABLE "new_conversation_addresses" ADD CONSTRAINT "new_conversation_addresses_inbox_id_fkey" FOREIGN KEY ("inbox_id") REFERENCES "inboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "new_conversation_addresses" ADD CONSTRAINT "new_conversation_addresses_account_id_user_id_fkey" FOREIGN KEY ("account_id", "user_id") REFERENCES "account_users"("account_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE;
