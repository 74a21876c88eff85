// What a start prints: where we listen, and, on an empty database, what to try next, ready to paste.

import type { Config } from '../config.ts'
import type { Welcome } from '../conversations/people/first-start.ts'
import type { Ports } from './listen.ts'
import { formatReplyAddress } from '../mail/reply-address.ts'

export interface FirstStart {
  readonly config: Config
  readonly ports: Ports
  readonly welcome: Welcome
  readonly replyToken: string
  readonly ingressPassword: string
  readonly token: string
  /** Of the embedded database, or null. */
  readonly databaseFolder: string | null
}

/** One paragraph: where we listen and where things lie. */
export function banner(config: Config, ports: Ports): string {
  const listening = [
    ...(ports.http === null ? [] : [`http://${config.HOST}:${String(ports.http)}`]),
    ...(ports.smtp === null ? [] : [`smtp://${config.HOST}:${String(ports.smtp)}`]),
    ...(ports.lmtp === null ? [] : [`lmtp://${config.HOST}:${String(ports.lmtp)}`]),
  ]
  return `Rethread is ready: ${listening.join('  ')}\nWhat came in, and why it went where it did: npx rethread inbound list   Is all well: npx rethread doctor\n`
}

/** The banner and the next steps. */
export function firstStartText(first: FirstStart): string {
  const { config, ports, welcome } = first
  const replyAddress = formatReplyAddress(first.replyToken, config.INBOUND_EMAIL_DOMAIN)
  const mail = (by: string): string =>
    `printf 'From: Jane Doe <${welcome.contactEmail}>\\r\\nTo: ${replyAddress}\\r\\nSubject: Re: Where is my order?\\r\\nMessage-ID: <${by}-%s@example.com>\\r\\n\\r\\nIt has arrived, thank you! (${by})\\r\\n' $(date +%s)`
  const host = `${config.HOST}:`
  const api = `http://${host}${String(ports.http ?? config.PORT)}/api/v1/accounts/${String(welcome.accountId)}`
  return [
    banner(config, ports),
    `A first account is made: Acme, with one open conversation of ${welcome.contactEmail}.`,
    `  reply address         ${replyAddress}`,
    `  inbox address         ${welcome.inboxEmail}`,
    `  access token          ${first.token}`,
    `  ingress password      ${first.ingressPassword}   (user actionmailbox)`,
    `  kept in               ${config.DATA_DIR}`,
    ...(first.databaseFolder === null ? [] : [`  database              ${first.databaseFolder}`]),
    '',
    'Try it. A reply by SMTP (no output = accepted):',
    ...(ports.smtp === null ? [] : [`  ${mail('smtp')} | curl -sS --url smtp://${host}${String(ports.smtp)} --mail-from ${welcome.contactEmail} --mail-rcpt '${replyAddress}' -T -`]),
    'or by HTTP (204 = accepted):',
    `  ${mail('http')} | curl -sS -i -u actionmailbox:${first.ingressPassword} -H 'Content-Type: message/rfc822' -H 'X-Envelope-To: ${replyAddress}' --data-binary @- http://${host}${String(ports.http ?? config.PORT)}/ingress/relay`,
    'See it, and why it went there:',
    `  npx rethread inbound list   and   npx rethread inbound show 1`,
    'Answer it; the mail that leaves is in the outbox:',
    `  curl -sS -H 'api_access_token: ${first.token}' -H 'Content-Type: application/json' -d '{"content":"Good to hear!"}' ${api}/conversations/${String(welcome.conversationDisplayId)}/messages`,
    ...(config.OUTBOUND_SMTP_URL === undefined ? [`  ls ${config.DATA_DIR}/outbox`] : []),
    '',
    '',
  ].join('\n')
}
