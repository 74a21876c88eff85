// The lines that a first start and `rethread try` print for pasting: a reply by SMTP and by HTTP, where to see it, and
// an answer to it.

export interface TryIt {
  /** `http://host:port` of the service. */
  readonly httpUrl: string
  /** `smtp://host:port`; null where SMTP is off. */
  readonly smtpUrl: string | null
  readonly accountId: number
  readonly conversation: number
  readonly contactEmail: string
  readonly replyAddress: string
  /** Of the inbox of the conversation; null where it has none. */
  readonly inboxEmail: string | null
  readonly token: string
  readonly ingressPassword: string
  readonly dataDir: string
  /** Of the embedded database; null where it is unknown, or a server's. */
  readonly databaseFolder: string | null
  /** Mail leaves into the outbox of DATA_DIR. */
  readonly hasOutbox: boolean
}

/** Addresses and secrets, one a line, and the lines to paste. Ends with an empty line. Never throws. */
export function tryItText(facts: TryIt): string {
  const row = (label: string, value: string | null): string[] =>
    value === null ? [] : [`  ${label.padEnd(22)}${value}`]
  return [
    ...row('reply address', facts.replyAddress),
    ...row('inbox address', facts.inboxEmail),
    ...row('access token', facts.token),
    ...row('ingress password', `${facts.ingressPassword}   (user actionmailbox)`),
    ...row('kept in', facts.dataDir),
    ...row('database', facts.databaseFolder),
    '',
    ...linesToPaste(facts),
    '',
    '',
  ].join('\n')
}

function linesToPaste(facts: TryIt): string[] {
  const { httpUrl, smtpUrl, contactEmail, replyAddress } = facts
  const from = quote(contactEmail)
  const account = `${httpUrl}/api/v1/accounts/${String(facts.accountId)}`
  const messages = `${account}/conversations/${String(facts.conversation)}/messages`
  return [
    ...(smtpUrl === null
      ? []
      : [
          'Try it. A reply by SMTP (no output = accepted):',
          `  ${mail(facts, 'smtp')} | curl -sS --url ${smtpUrl} --mail-from ${from} --mail-rcpt '${replyAddress}' -T -`,
        ]),
    smtpUrl === null ? 'Try it. A reply by HTTP (204 = accepted):' : 'or by HTTP (204 = accepted):',
    `  ${mail(facts, 'http')} | curl -sS -i -u ${quote(`actionmailbox:${facts.ingressPassword}`)} -H ` +
      `'Content-Type: message/rfc822' -H 'X-Envelope-To: ${replyAddress}' --data-binary @- ` +
      `${httpUrl}/ingress/relay`,
    'See it, and why it went there:',
    '  npx rethread inbound list   and   npx rethread inbound show 1',
    'Answer it; the mail that leaves is in the outbox:',
    `  curl -sS -H ${quote(`api_access_token: ${facts.token}`)} -H 'Content-Type: application/json' -d ` +
      `'{"content":"Good to hear!"}' ${messages}`,
    ...(facts.hasOutbox ? [`  ls ${quote(`${facts.dataDir}/outbox`)}`] : []),
  ]
}

function mail({ contactEmail, replyAddress }: TryIt, by: string): string {
  // Of printf, \ and % are escaped.
  const from = contactEmail.replace(/[\\%]/g, (character) => character.repeat(2))
  const lines = [
    `From: Jane Doe <${from}>`,
    `To: ${replyAddress}`,
    'Subject: Re: Where is my order?',
    `Message-ID: <${by}-%s@example.com>`,
    '',
    `It has arrived, thank you! (${by})`,
    '',
  ]
  return `printf ${quote(lines.join('\\r\\n'))} $(date +%s)`
}

// For a POSIX shell; what needs no quotes gets none. An address of a contact is another person's text.
function quote(text: string): string {
  return /^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
