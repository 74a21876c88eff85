-- How mail of an inbox looks: the signature below it, the colour of its notices, and whether it quotes the answered mail.
ALTER TABLE "inboxes"
  ADD COLUMN "signature" TEXT,
  ADD COLUMN "mail_color" VARCHAR(7),
  ADD COLUMN "quote_history" TEXT NOT NULL DEFAULT 'none',
  ADD CONSTRAINT "inboxes_quote_history_check" CHECK ("quote_history" IN ('none', 'last')),
  ADD CONSTRAINT "inboxes_mail_color_check" CHECK ("mail_color" ~ '^#[0-9a-f]{6}$');
