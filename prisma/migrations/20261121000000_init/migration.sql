-- The whole ledger, as prisma/schema.prisma describes it; what Prisma has no words for stands at the end.

CREATE TYPE "account_status" AS ENUM ('active', 'suspended');

CREATE TYPE "role" AS ENUM ('agent', 'administrator');

CREATE TYPE "availability" AS ENUM ('online', 'offline', 'busy');

CREATE TYPE "conversation_status" AS ENUM ('open', 'resolved', 'pending', 'snoozed');

CREATE TYPE "priority" AS ENUM ('low', 'medium', 'high', 'urgent');

CREATE TYPE "message_type" AS ENUM ('incoming', 'outgoing', 'activity', 'template');

CREATE TYPE "message_status" AS ENUM ('sent', 'delivered', 'read', 'failed');

CREATE TYPE "sender_type" AS ENUM ('contact', 'user', 'agent_bot');

CREATE TYPE "token_role" AS ENUM ('contact', 'agent', 'bounce');

CREATE TYPE "inbound_status" AS ENUM ('pending', 'processing', 'delivered', 'held', 'ignored', 'failed');

CREATE TABLE "installation" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "accounts" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "domain" VARCHAR(253),
    "support_email" VARCHAR(320),
    "locale" VARCHAR(10) NOT NULL DEFAULT 'en',
    "status" "account_status" NOT NULL DEFAULT 'active',
    "features" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "settings" JSONB NOT NULL DEFAULT '{}',
    "limits" JSONB NOT NULL DEFAULT '{}',
    "custom_attributes" JSONB NOT NULL DEFAULT '{}',
    "last_display_id" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "users" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "display_name" TEXT,
    "email" VARCHAR(320) NOT NULL,
    "type" TEXT,
    "message_signature" TEXT,
    "pubsub_token" UUID NOT NULL DEFAULT gen_random_uuid(),
    "ui_settings" JSONB NOT NULL DEFAULT '{}',
    "custom_attributes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "account_users" (
    "account_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "role" "role" NOT NULL DEFAULT 'agent',
    "availability" "availability" NOT NULL DEFAULT 'online',
    "auto_offline" BOOLEAN NOT NULL DEFAULT true,
    "active_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_users_pkey" PRIMARY KEY ("account_id", "user_id")
);

CREATE TABLE "access_tokens" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "channels" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "channel_type" TEXT NOT NULL,
    "email" VARCHAR(320),
    "forward_to_email" VARCHAR(320),
    "identifier" TEXT,
    "website_token" TEXT,
    "webhook_url" TEXT,
    "hmac_token" TEXT NOT NULL DEFAULT gen_random_uuid(),
    "settings" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channels_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "inboxes" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "channel_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "business_name" TEXT,
    "sender_name_type" TEXT NOT NULL DEFAULT 'friendly',
    "enable_auto_assignment" BOOLEAN NOT NULL DEFAULT true,
    "auto_assignment_config" JSONB NOT NULL DEFAULT '{}',
    "greeting_enabled" BOOLEAN NOT NULL DEFAULT false,
    "greeting_message" TEXT,
    "out_of_office_message" TEXT,
    "working_hours_enabled" BOOLEAN NOT NULL DEFAULT false,
    "timezone" TEXT NOT NULL DEFAULT 'UTC',
    "csat_survey_enabled" BOOLEAN NOT NULL DEFAULT false,
    "enable_email_collect" BOOLEAN NOT NULL DEFAULT true,
    "allow_messages_after_resolved" BOOLEAN NOT NULL DEFAULT true,
    "lock_to_single_conversation" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inboxes_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "inbox_members" (
    "inbox_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_members_pkey" PRIMARY KEY ("inbox_id", "user_id")
);

CREATE TABLE "contacts" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "email" VARCHAR(320),
    "additional_emails" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "phone_number" TEXT,
    "identifier" TEXT,
    "contact_type" TEXT NOT NULL DEFAULT 'visitor',
    "blocked" BOOLEAN NOT NULL DEFAULT false,
    "avatar_url" TEXT,
    "labels" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "additional_attributes" JSONB NOT NULL DEFAULT '{}',
    "custom_attributes" JSONB NOT NULL DEFAULT '{}',
    "last_activity_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contacts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "contact_inboxes" (
    "id" SERIAL NOT NULL,
    "contact_id" INTEGER NOT NULL,
    "inbox_id" INTEGER NOT NULL,
    "source_id" TEXT NOT NULL,
    "hmac_verified" BOOLEAN NOT NULL DEFAULT false,
    "pubsub_token" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contact_inboxes_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "conversations" (
    "id" SERIAL NOT NULL,
    "display_id" INTEGER NOT NULL,
    "uuid" UUID NOT NULL DEFAULT gen_random_uuid(),
    "account_id" INTEGER NOT NULL,
    "inbox_id" INTEGER NOT NULL,
    "contact_id" INTEGER NOT NULL,
    "contact_inbox_id" INTEGER,
    "assignee_id" INTEGER,
    "team_id" INTEGER,
    "linked_to_id" INTEGER,
    "status" "conversation_status" NOT NULL DEFAULT 'open',
    "priority" "priority",
    "snoozed_until" TIMESTAMPTZ(3),
    "identifier" TEXT,
    "labels" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "additional_attributes" JSONB NOT NULL DEFAULT '{}',
    "custom_attributes" JSONB NOT NULL DEFAULT '{}',
    "contact_last_seen_at" TIMESTAMPTZ(3),
    "agent_last_seen_at" TIMESTAMPTZ(3),
    "assignee_last_seen_at" TIMESTAMPTZ(3),
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_reply_created_at" TIMESTAMPTZ(3),
    "waiting_since" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "conversation_participants" (
    "conversation_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversation_participants_pkey" PRIMARY KEY ("conversation_id", "user_id")
);

CREATE TABLE "conversation_contacts" (
    "conversation_id" INTEGER NOT NULL,
    "contact_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversation_contacts_pkey" PRIMARY KEY ("conversation_id", "contact_id")
);

CREATE TABLE "messages" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "inbox_id" INTEGER NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "message_type" "message_type" NOT NULL,
    "content_type" TEXT NOT NULL DEFAULT 'text',
    "content" TEXT,
    "processed_message_content" TEXT,
    "content_attributes" JSONB NOT NULL DEFAULT '{}',
    "additional_attributes" JSONB NOT NULL DEFAULT '{}',
    "private" BOOLEAN NOT NULL DEFAULT false,
    "status" "message_status" NOT NULL DEFAULT 'sent',
    "source_id" TEXT,
    "sender_type" "sender_type",
    "sender_id" INTEGER,
    "inbound_email_id" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "attachments" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "message_id" INTEGER NOT NULL,
    "file_type" TEXT NOT NULL DEFAULT 'file',
    "file_name" TEXT,
    "content_type" TEXT,
    "byte_size" INTEGER NOT NULL DEFAULT 0,
    "content_id" TEXT,
    "inline" BOOLEAN NOT NULL DEFAULT false,
    "external_url" TEXT,
    "fallback_title" TEXT,
    "token" UUID NOT NULL DEFAULT gen_random_uuid(),
    "blob_sha256" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "attachments_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "blobs" (
    "sha256" BYTEA NOT NULL,
    "bytes" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blobs_pkey" PRIMARY KEY ("sha256")
);

CREATE TABLE "labels" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "color" TEXT NOT NULL DEFAULT '#1f93ff',
    "show_on_sidebar" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "labels_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "teams" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "allow_auto_assign" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "teams_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "team_members" (
    "team_id" INTEGER NOT NULL,
    "user_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "team_members_pkey" PRIMARY KEY ("team_id", "user_id")
);

CREATE TABLE "webhooks" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "inbox_id" INTEGER,
    "name" TEXT,
    "url" TEXT NOT NULL,
    "subscriptions" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "reply_tokens" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "conversation_id" INTEGER NOT NULL,
    "role" "token_role" NOT NULL,
    "contact_id" INTEGER,
    "user_id" INTEGER,
    "message_id" INTEGER,
    "nonce" BYTEA NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "notice_count" INTEGER NOT NULL DEFAULT 0,
    "noticed_at" TIMESTAMPTZ(3),

    CONSTRAINT "reply_tokens_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "raw_emails" (
    "id" BIGSERIAL NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "raw_emails_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "inbound_emails" (
    "id" BIGSERIAL NOT NULL,
    "idempotency_key" BYTEA NOT NULL,
    "raw_id" BIGINT,
    "parent_id" BIGINT,
    "ingress" TEXT NOT NULL,
    "reverse_path" TEXT,
    "recipients" TEXT[],
    "peer" JSONB NOT NULL DEFAULT '{}',
    "size" INTEGER NOT NULL,
    "status" "inbound_status" NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "message_id" TEXT,
    "from_address" TEXT,
    "subject" TEXT,
    "learned" JSONB NOT NULL DEFAULT '[]',
    "trace" JSONB NOT NULL DEFAULT '[]',
    "account_id" INTEGER,
    "conversation_id" INTEGER,
    "message_db_id" INTEGER,
    "degraded" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),
    "incinerated_at" TIMESTAMPTZ(3),
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbound_emails_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "work" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT,
    "payload" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_error" TEXT,
    "failed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "work_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "accounts_domain_key" ON "accounts"("domain");
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");
CREATE UNIQUE INDEX "users_pubsub_token_key" ON "users"("pubsub_token");
CREATE INDEX "account_users_user_id_idx" ON "account_users"("user_id");
CREATE UNIQUE INDEX "access_tokens_token_hash_key" ON "access_tokens"("token_hash");
CREATE INDEX "access_tokens_user_id_idx" ON "access_tokens"("user_id");
CREATE UNIQUE INDEX "channels_email_key" ON "channels"("email");
CREATE UNIQUE INDEX "channels_forward_to_email_key" ON "channels"("forward_to_email");
CREATE UNIQUE INDEX "channels_identifier_key" ON "channels"("identifier");
CREATE UNIQUE INDEX "channels_website_token_key" ON "channels"("website_token");
CREATE INDEX "channels_account_id_idx" ON "channels"("account_id");
CREATE UNIQUE INDEX "inboxes_channel_id_key" ON "inboxes"("channel_id");
CREATE INDEX "inboxes_account_id_idx" ON "inboxes"("account_id");
CREATE INDEX "inbox_members_user_id_idx" ON "inbox_members"("user_id");
CREATE UNIQUE INDEX "contacts_account_id_email_key" ON "contacts"("account_id", "email");
CREATE UNIQUE INDEX "contacts_account_id_phone_number_key" ON "contacts"("account_id", "phone_number");
CREATE UNIQUE INDEX "contacts_account_id_identifier_key" ON "contacts"("account_id", "identifier");
CREATE INDEX "contacts_additional_emails_idx" ON "contacts" USING GIN ("additional_emails");
CREATE UNIQUE INDEX "contact_inboxes_pubsub_token_key" ON "contact_inboxes"("pubsub_token");
CREATE UNIQUE INDEX "contact_inboxes_inbox_id_source_id_key" ON "contact_inboxes"("inbox_id", "source_id");
CREATE INDEX "contact_inboxes_contact_id_idx" ON "contact_inboxes"("contact_id");
CREATE UNIQUE INDEX "conversations_uuid_key" ON "conversations"("uuid");
CREATE UNIQUE INDEX "conversations_account_id_display_id_key" ON "conversations"("account_id", "display_id");
CREATE INDEX "conversations_account_id_status_last_activity_at_idx" ON "conversations"("account_id", "status", "last_activity_at" DESC);
CREATE INDEX "conversations_contact_id_idx" ON "conversations"("contact_id");
CREATE INDEX "conversations_inbox_id_idx" ON "conversations"("inbox_id");
CREATE INDEX "conversations_assignee_id_idx" ON "conversations"("assignee_id");
CREATE INDEX "conversations_linked_to_id_idx" ON "conversations"("linked_to_id");
CREATE INDEX "conversation_participants_user_id_idx" ON "conversation_participants"("user_id");
CREATE INDEX "conversation_contacts_contact_id_idx" ON "conversation_contacts"("contact_id");
CREATE UNIQUE INDEX "messages_inbound_email_id_key" ON "messages"("inbound_email_id");
CREATE UNIQUE INDEX "messages_conversation_id_source_id_key" ON "messages"("conversation_id", "source_id");
CREATE INDEX "messages_conversation_id_id_idx" ON "messages"("conversation_id", "id");
CREATE INDEX "messages_source_id_idx" ON "messages"("source_id");
CREATE UNIQUE INDEX "attachments_token_key" ON "attachments"("token");
CREATE INDEX "attachments_message_id_idx" ON "attachments"("message_id");
CREATE INDEX "attachments_account_id_idx" ON "attachments"("account_id");
CREATE INDEX "attachments_blob_sha256_idx" ON "attachments"("blob_sha256");
CREATE UNIQUE INDEX "labels_account_id_title_key" ON "labels"("account_id", "title");
CREATE UNIQUE INDEX "teams_account_id_name_key" ON "teams"("account_id", "name");
CREATE INDEX "team_members_user_id_idx" ON "team_members"("user_id");
CREATE UNIQUE INDEX "webhooks_account_id_url_key" ON "webhooks"("account_id", "url");
CREATE UNIQUE INDEX "reply_tokens_token_hash_key" ON "reply_tokens"("token_hash");
CREATE INDEX "reply_tokens_conversation_id_role_idx" ON "reply_tokens"("conversation_id", "role");
CREATE INDEX "reply_tokens_message_id_idx" ON "reply_tokens"("message_id");
CREATE UNIQUE INDEX "inbound_emails_idempotency_key_key" ON "inbound_emails"("idempotency_key");
CREATE INDEX "inbound_emails_account_id_id_idx" ON "inbound_emails"("account_id", "id" DESC);
CREATE INDEX "inbound_emails_raw_id_idx" ON "inbound_emails"("raw_id");
CREATE INDEX "work_key_id_idx" ON "work"("key", "id");
CREATE INDEX "work_run_at_idx" ON "work"("run_at");

ALTER TABLE "account_users" ADD CONSTRAINT "account_users_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "account_users" ADD CONSTRAINT "account_users_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "channels" ADD CONSTRAINT "channels_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "inboxes" ADD CONSTRAINT "inboxes_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "inboxes" ADD CONSTRAINT "inboxes_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "inbox_members" ADD CONSTRAINT "inbox_members_inbox_id_fkey" FOREIGN KEY ("inbox_id") REFERENCES "inboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "inbox_members" ADD CONSTRAINT "inbox_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "contact_inboxes" ADD CONSTRAINT "contact_inboxes_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "contact_inboxes" ADD CONSTRAINT "contact_inboxes_inbox_id_fkey" FOREIGN KEY ("inbox_id") REFERENCES "inboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_inbox_id_fkey" FOREIGN KEY ("inbox_id") REFERENCES "inboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_contact_inbox_id_fkey" FOREIGN KEY ("contact_inbox_id") REFERENCES "contact_inboxes"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_assignee_id_fkey" FOREIGN KEY ("assignee_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_linked_to_id_fkey" FOREIGN KEY ("linked_to_id") REFERENCES "conversations"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "conversation_participants" ADD CONSTRAINT "conversation_participants_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversation_participants" ADD CONSTRAINT "conversation_participants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversation_contacts" ADD CONSTRAINT "conversation_contacts_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "conversation_contacts" ADD CONSTRAINT "conversation_contacts_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "messages" ADD CONSTRAINT "messages_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "messages" ADD CONSTRAINT "messages_inbox_id_fkey" FOREIGN KEY ("inbox_id") REFERENCES "inboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "messages" ADD CONSTRAINT "messages_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "messages" ADD CONSTRAINT "messages_inbound_email_id_fkey" FOREIGN KEY ("inbound_email_id") REFERENCES "inbound_emails"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_blob_sha256_fkey" FOREIGN KEY ("blob_sha256") REFERENCES "blobs"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "labels" ADD CONSTRAINT "labels_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "teams" ADD CONSTRAINT "teams_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_inbox_id_fkey" FOREIGN KEY ("inbox_id") REFERENCES "inboxes"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reply_tokens" ADD CONSTRAINT "reply_tokens_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reply_tokens" ADD CONSTRAINT "reply_tokens_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reply_tokens" ADD CONSTRAINT "reply_tokens_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reply_tokens" ADD CONSTRAINT "reply_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reply_tokens" ADD CONSTRAINT "reply_tokens_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "inbound_emails" ADD CONSTRAINT "inbound_emails_raw_id_fkey" FOREIGN KEY ("raw_id") REFERENCES "raw_emails"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "inbound_emails" ADD CONSTRAINT "inbound_emails_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Storage: bytes that do not compress stay as they are, rows that change leave room for HOT updates.
ALTER TABLE "raw_emails" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
ALTER TABLE "blobs" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
ALTER TABLE "inbound_emails" SET (fillfactor = 70);
ALTER TABLE "conversations" SET (fillfactor = 80);
ALTER TABLE "work" SET (fillfactor = 70);

-- The few rows that wait or are looked after by people, however many are done.
CREATE INDEX "inbound_emails_waiting_idx" ON "inbound_emails" ("run_at") WHERE "status" IN ('pending', 'processing');
CREATE INDEX "inbound_emails_undelivered_idx" ON "inbound_emails" ("status", "id" DESC) WHERE "status" IN ('held', 'ignored', 'failed');

-- Octets that are still kept, in the order in which their time comes.
CREATE INDEX "inbound_emails_raw_kept_idx" ON "inbound_emails" ("settled_at") WHERE "raw_id" IS NOT NULL;

-- Agents' own mails, which stand under a Message-ID of ours.
CREATE INDEX "messages_by_mail_of_agent_idx" ON "messages" ("conversation_id") WHERE "message_type" = 'outgoing' AND "inbound_email_id" IS NOT NULL;

-- One reply token per conversation × participant × role.
CREATE UNIQUE INDEX "reply_tokens_contact_key" ON "reply_tokens" ("conversation_id", "contact_id") WHERE "role" = 'contact' AND "revoked_at" IS NULL;
CREATE UNIQUE INDEX "reply_tokens_agent_key" ON "reply_tokens" ("conversation_id", "user_id") WHERE "role" = 'agent' AND "revoked_at" IS NULL;
CREATE UNIQUE INDEX "reply_tokens_bounce_key" ON "reply_tokens" ("message_id", "role") WHERE "role" = 'bounce';

ALTER TABLE "accounts" ADD CONSTRAINT "accounts_domain_lower" CHECK ("domain" = lower("domain"));
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "users" ADD CONSTRAINT "users_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "channels" ADD CONSTRAINT "channels_email_lower" CHECK ("email" = lower("email") AND "forward_to_email" = lower("forward_to_email"));

-- Conservation: what was accepted is delivered, held, ignored, failed, pending or processing, and nothing else.
-- "delivered" must have left something behind: a message, a report on one, or a mark that it was incinerated.
CREATE VIEW "conservation" AS
SELECT
  count(*)::int AS accepted,
  count(*) FILTER (WHERE status = 'delivered')::int AS delivered,
  count(*) FILTER (WHERE status = 'held')::int AS held,
  count(*) FILTER (WHERE status = 'ignored')::int AS ignored,
  count(*) FILTER (WHERE status = 'failed')::int AS failed,
  count(*) FILTER (WHERE status = 'pending')::int AS pending,
  count(*) FILTER (WHERE status = 'processing')::int AS processing,
  count(*) FILTER (
    WHERE (status NOT IN ('pending', 'processing') AND reason IS NULL)
       OR (status = 'delivered' AND message_db_id IS NULL AND incinerated_at IS NULL)
       OR (raw_id IS NULL AND incinerated_at IS NULL)
  )::int AS unaccounted
FROM "inbound_emails";
