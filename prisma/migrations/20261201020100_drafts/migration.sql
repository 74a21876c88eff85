-- What agents have written and not sent, one for each agent and conversation.
CREATE SEQUENCE "drafts_version_seq";
CREATE TABLE "drafts" (
  "conversation_id" INTEGER NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "user_id" INTEGER NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "account_id" INTEGER NOT NULL REFERENCES "accounts" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "content" TEXT NOT NULL,
  "mode" TEXT NOT NULL CHECK ("mode" IN ('reply', 'note')),
  "to_emails" TEXT[] NOT NULL DEFAULT '{}',
  "cc_emails" TEXT[] NOT NULL DEFAULT '{}',
  "bcc_emails" TEXT[] NOT NULL DEFAULT '{}',
  -- Tokens of uploads, which are kept as long as a draft names them.
  "uploads" UUID[] NOT NULL DEFAULT '{}',
  -- Never the same twice: one that was deleted and begun anew is another.
  "version" INTEGER NOT NULL DEFAULT nextval('drafts_version_seq'),
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
  PRIMARY KEY ("conversation_id", "user_id")
);
ALTER SEQUENCE "drafts_version_seq" OWNED BY "drafts"."version";
CREATE INDEX "drafts_user_id_account_id_idx" ON "drafts" ("user_id", "account_id");
CREATE INDEX "drafts_account_id_idx" ON "drafts" ("account_id");

-- Who has a conversation open. Nothing of value after a crash.
CREATE UNLOGGED TABLE "conversation_viewers" (
  "conversation_id" INTEGER NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "user_id" INTEGER NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  PRIMARY KEY ("conversation_id", "user_id")
);
CREATE INDEX "conversation_viewers_user_id_idx" ON "conversation_viewers" ("user_id");
