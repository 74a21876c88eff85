// The row of a new agent bot, in the transaction that issues its token.

import { queryOne, type Tx } from '../../db/pool.ts'
import type { Json } from '../records/rows.ts'

interface NewBot {
  readonly accountId: number | null
  readonly name: string | null | undefined
  readonly description: string | null
  readonly outgoingUrl: string | null
  readonly botConfig: Json
  readonly avatarUrl: string | null
  readonly secret: string
}

/** Its id. */
export async function insertBot(tx: Tx, bot: NewBot): Promise<number> {
  const { accountId, name, description, outgoingUrl, botConfig, avatarUrl, secret } = bot
  const row = await queryOne<{ id: number }>(
    tx,
    `
      insert into agent_bots (
        account_id, name, description, outgoing_url, bot_config, avatar_url, secret, updated_at
      )
      values ($1, $2, $3, $4, $5, $6, $7, now())
      returning id
    `,
    [accountId, name, description, outgoingUrl, JSON.stringify(botConfig), avatarUrl, secret],
  )
  return row?.id ?? 0
}
