-- When the members of an account were last mailed what is held.
CREATE TABLE "held_digests" (
    "account_id" INTEGER NOT NULL,
    "told_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "held_digests_pkey" PRIMARY KEY ("account_id")
);
ALTER TABLE "held_digests" ADD CONSTRAINT "held_digests_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whoever has chosen their notices before gets this one, too, until they switch it off.
UPDATE "notification_settings" SET "email_flags" = array_append("email_flags", 'email_held_mail')
WHERE NOT 'email_held_mail' = ANY("email_flags");
