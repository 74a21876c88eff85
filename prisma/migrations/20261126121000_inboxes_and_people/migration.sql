-- What an account has besides conversations and contacts: bots, canned responses, definitions of custom attributes, saved filters; and what inboxes keep of their own.

CREATE TABLE "agent_bots" (
    "id" SERIAL PRIMARY KEY,
    "account_id" INTEGER NOT NULL REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "outgoing_url" TEXT,
    "bot_type" TEXT NOT NULL DEFAULT 'webhook',
    "bot_config" JSONB NOT NULL DEFAULT '{}',
    "avatar_url" TEXT,
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX "agent_bots_account_id_idx" ON "agent_bots"("account_id");

-- A token is a person's or a bot's.
ALTER TABLE "access_tokens" ALTER COLUMN "user_id" DROP NOT NULL;
ALTER TABLE "access_tokens" ADD COLUMN "agent_bot_id" INTEGER REFERENCES "agent_bots"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "access_tokens" ADD COLUMN "name" TEXT;
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_one_owner" CHECK (num_nonnulls("user_id", "agent_bot_id") = 1);
CREATE INDEX "access_tokens_agent_bot_id_idx" ON "access_tokens"("agent_bot_id") WHERE "agent_bot_id" IS NOT NULL;

-- The bot that answers first, if any; opening hours: [] = the usual ones (conversations/inboxes/working-hours.ts).
ALTER TABLE "inboxes" ADD COLUMN "agent_bot_id" INTEGER REFERENCES "agent_bots"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "inboxes" ADD COLUMN "avatar_url" TEXT;
ALTER TABLE "inboxes" ADD COLUMN "csat_config" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "inboxes" ADD COLUMN "working_hours" JSONB NOT NULL DEFAULT '[]';
CREATE INDEX "inboxes_agent_bot_id_idx" ON "inboxes"("agent_bot_id") WHERE "agent_bot_id" IS NOT NULL;

CREATE TABLE "canned_responses" (
    "id" SERIAL PRIMARY KEY,
    "account_id" INTEGER NOT NULL REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "short_code" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "canned_responses_account_id_short_code_key" ON "canned_responses"("account_id", "short_code");

CREATE TABLE "custom_attribute_definitions" (
    "id" SERIAL PRIMARY KEY,
    "account_id" INTEGER NOT NULL REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "attribute_model" TEXT NOT NULL,
    "attribute_key" TEXT NOT NULL,
    "attribute_display_name" TEXT NOT NULL,
    "attribute_display_type" TEXT NOT NULL DEFAULT 'text',
    "attribute_description" TEXT,
    "attribute_values" TEXT[] NOT NULL DEFAULT '{}',
    "default_value" TEXT,
    "regex_pattern" TEXT,
    "regex_cue" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "custom_attribute_definitions_account_id_attribute_model_attribute_key_key" ON "custom_attribute_definitions"("account_id", "attribute_model", "attribute_key");

CREATE TABLE "custom_filters" (
    "id" SERIAL PRIMARY KEY,
    "account_id" INTEGER NOT NULL REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "user_id" INTEGER NOT NULL REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "name" TEXT NOT NULL,
    "filter_type" TEXT NOT NULL DEFAULT 'conversation',
    "query" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX "custom_filters_account_id_user_id_idx" ON "custom_filters"("account_id", "user_id");
CREATE INDEX "custom_filters_user_id_idx" ON "custom_filters"("user_id");

-- Deleting a contact's place or a contact must find what hangs on it without reading whole tables.
CREATE INDEX IF NOT EXISTS "conversations_contact_inbox_id_idx" ON "conversations"("contact_inbox_id");
CREATE INDEX IF NOT EXISTS "reply_tokens_contact_id_idx" ON "reply_tokens"("contact_id") WHERE "contact_id" IS NOT NULL;
