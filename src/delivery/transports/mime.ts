// The bytes of an outgoing mail (RFC 5322), as SMTP and providers that take raw mail get them.

import nodemailer from 'nodemailer'

import type { OutgoingMail } from '../transport.ts'

const builder = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

/** Without blind recipients, which are in the envelope only. */
export async function buildMime(mail: OutgoingMail): Promise<Buffer> {
  const { message } = await builder.sendMail({
    from: mail.from,
    ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
    to: [...mail.to],
    cc: [...mail.cc],
    subject: mail.subject,
    messageId: `<${mail.messageId}>`,
    ...(mail.inReplyTo === null ? {} : { inReplyTo: `<${mail.inReplyTo}>` }),
    references: mail.references.map((id) => `<${id}>`),
    text: mail.text,
    html: mail.html,
    headers: { ...mail.headers },
    attachments: mail.attachments.map(({ contentId, ...file }) =>
      contentId === undefined ? file : { ...file, cid: contentId, contentDisposition: 'inline' as const },
    ),
    // Messages of agents may name files and addresses; nothing is fetched for them.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return message as Buffer
}
