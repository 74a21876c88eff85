// `rethread try`: what a first start prints, again: addresses, secrets and lines to paste, with a new reply address;
// over the API.

import { parseArgs } from 'node:util'

import { type Config, readConfig } from '../config.ts'
import { channels } from '../ingress/providers.ts'
import {
  administratorToken,
  type Client,
  CommandError,
  createClient,
  ingressPassword,
  runCommand,
  serviceUrl,
} from './client.ts'
import { print } from './print.ts'
import { tryItText } from './try-text.ts'

interface Conversation {
  readonly id: number
  readonly inbox_id: number
  readonly meta: { readonly sender: { readonly email: string | null } | null }
}

/** Exit 0; 65 without an open conversation to try; 69 without a service, 77 without a token, 78 for settings. */
export async function run(args: string[]): Promise<number> {
  return runCommand('try', async () => {
    const { values } = parseArgs({ args, options: { account: { type: 'string' } } })
    const { account = '1' } = values
    if (!/^\d+$/.test(account)) throw new CommandError(`"${account}" is not an id.`, 64)
    const config = readConfig(undefined, channels)
    const client = createClient()
    const path = `/api/v1/accounts/${account}`
    const conversation = await firstOpen(client, path, account)
    const { email = null } = (await client.json('GET', `${path}/inboxes/${String(conversation.inbox_id)}`)) as {
      email?: string | null
    }
    const issued = (await client.json('POST', `${path}/conversations/${String(conversation.id)}/reply_address`)) as {
      reply_address: string
      recipient: { email: string }
    }
    print(
      tryItText({
        ...addressesOf(config),
        accountId: Number(account),
        conversation: conversation.id,
        contactEmail: issued.recipient.email,
        replyAddress: issued.reply_address,
        inboxEmail: email,
        databaseFolder: null,
      }).trimEnd(),
    )
    return 0
  })
}

// Oldest first; conversations whose contact has no address cannot be replied to.
async function firstOpen(client: Client, path: string, account: string): Promise<Conversation> {
  const { data } = (await client.json('GET', `${path}/conversations?status=open&sort_by=created_at_asc`)) as {
    data: { payload: Conversation[] }
  }
  const found = data.payload.find(({ meta }) => (meta.sender?.email ?? '') !== '')
  if (found !== undefined) return found
  throw new CommandError(
    data.payload.length === 0
      ? `There is no open conversation in account ${account}. Send a mail to an inbox of it ("rethread inbox ` +
          `list ${account}" shows their addresses), then run this again.`
      : `No contact of the first open conversations in account ${account} has an email address to reply from.`,
    65,
  )
}

function addressesOf(config: Config) {
  const httpUrl = serviceUrl(config)
  return {
    httpUrl,
    smtpUrl:
      config.SMTP_PORT === null || config.SMTP_PORT === 0
        ? null
        : `smtp://${new URL(httpUrl).hostname}:${String(config.SMTP_PORT)}`,
    token: administratorToken(config),
    ingressPassword: ingressPassword(config) ?? 'INGRESS_PASSWORD',
    dataDir: config.DATA_DIR,
    hasOutbox: config.OUTBOUND_SMTP_URL === undefined && config.TRANSPORTS === undefined,
  }
}
