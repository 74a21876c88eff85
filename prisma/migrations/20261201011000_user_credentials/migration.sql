-- How somebody proves who they are besides a link: a password (scrypt) and a second factor (RFC 6238), whose secret is encrypted.
CREATE TABLE "user_credentials" (
    "user_id" INTEGER NOT NULL,
    "password_hash" TEXT,
    "otp_secret" BYTEA,
    -- Null: the secret was shown, and no code of it was given yet.
    "otp_enabled_at" TIMESTAMPTZ(3),
    -- The step of the last code that was taken: neither it nor an earlier one is taken again.
    "otp_last_step" INTEGER,

    CONSTRAINT "user_credentials_pkey" PRIMARY KEY ("user_id")
);
ALTER TABLE "user_credentials" ADD CONSTRAINT "user_credentials_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Codes for who has lost the second factor: each works once. Only the SHA-256 is kept.
CREATE TABLE "recovery_codes" (
    "user_id" INTEGER NOT NULL,
    "code_hash" BYTEA NOT NULL,

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("user_id", "code_hash")
);
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Who has just come by a link may set a new password without the old one.
ALTER TABLE "user_sessions" ADD COLUMN "began_by" TEXT NOT NULL DEFAULT 'link';
