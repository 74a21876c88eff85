// The output of a start: the addresses it listens on and, on an empty database, the next steps to try, ready to paste.

import type { Ports } from '../../app/http/listen.ts'
import type { Config } from '../../config.ts'
import type { Welcome } from '../../conversations/people/first-start.ts'
import { linkTo } from '../../links.ts'
import { formatReplyAddress } from '../../mail/reply-address.ts'
import { tryItText } from '../try-text.ts'

export interface FirstStart {
  readonly config: Config
  readonly ports: Ports
  readonly welcome: Welcome
  readonly replyToken: string
  readonly ingressPassword: string
  readonly token: string
  /** Of a link that signs in. */
  readonly loginCode: string
  /** Of the embedded database, or null. */
  readonly databaseFolder: string | null
}

const next = `  Sign in:            npx rethread account login-link
  Inspect mail:       npx rethread inbound list
  Check health:       npx rethread doctor
  Show how to try it: npx rethread try
`

/** One paragraph: where we listen and where things lie. */
export function banner(config: Config, ports: Ports): string {
  const listening = [
    ...(ports.http === null ? [] : [`http://${config.HOST}:${String(ports.http)}`]),
    ...(ports.smtp === null ? [] : [`smtp://${config.HOST}:${String(ports.smtp)}`]),
    ...(ports.lmtp === null ? [] : [`lmtp://${config.HOST}:${String(ports.lmtp)}`]),
  ]
  return `Rethread is ready: ${listening.join('  ')}\n${next}`
}

const changeInbox = ({ accountId, inboxId }: Welcome): string =>
  `npx rethread inbox set ${String(accountId)} ${String(inboxId)} --email support@your.domain`

// With PORT=0 the port is known only now.
function reachableUrl({ PUBLIC_URL, HOST, PORT }: Config, ports: Ports): string {
  return PORT === 0 && PUBLIC_URL === `http://${HOST}:0` ? `http://${HOST}:${String(ports.http)}` : PUBLIC_URL
}

/** The banner and the next steps. */
export function firstStartText({ config, ports, welcome, ...first }: FirstStart): string {
  const origin = (scheme: string, port: number): string => `${scheme}://${config.HOST}:${String(port)}`
  return [
    banner(config, ports),
    `Sign in, once, within 24 hours: ${linkTo(reachableUrl(config, ports), `/login/${first.loginCode}`)}`,
    `A first account was created: Acme, with one open conversation of ${welcome.contactEmail}.`,
    `Its inbox is ${welcome.inboxEmail}. Give it your own address: ${changeInbox(welcome)}`,
    tryItText({
      httpUrl: origin('http', ports.http ?? config.PORT),
      smtpUrl: ports.smtp === null ? null : origin('smtp', ports.smtp),
      accountId: welcome.accountId,
      conversation: welcome.conversationDisplayId,
      contactEmail: welcome.contactEmail,
      replyAddress: formatReplyAddress(first.replyToken, config.INBOUND_EMAIL_DOMAIN),
      inboxEmail: welcome.inboxEmail,
      token: first.token,
      ingressPassword: first.ingressPassword,
      dataDir: config.DATA_DIR,
      databaseFolder: first.databaseFolder,
      hasOutbox: config.OUTBOUND_SMTP_URL === undefined && config.TRANSPORTS === undefined,
    }),
  ].join('\n')
}
