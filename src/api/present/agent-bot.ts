// A bot as administrators and agents see it. Its token is in the answer that creates it only; its webhook secret is for
// administrators.

import { z } from 'zod'

import type { AgentBotRow } from '../../conversations/records/rows.ts'
import { id, json, maybeText, named, text } from './kinds.ts'

export const agentBotShape = named(
  'AgentBot',
  z.object({
    id,
    name: text,
    description: maybeText,
    thumbnail: text,
    outgoing_url: maybeText,
    bot_type: text,
    bot_config: json,
    account_id: id.nullable(),
    system_bot: z.boolean(),
    secret: text.optional(),
    access_token: text.optional(),
  }),
)

export interface Visibility {
  /** Of the bot's account. */
  readonly administrator: boolean
  /** An administrator of the installation, who asks for it as such: accounts do not see where its bots are. */
  readonly installation?: boolean
  readonly token?: string
}

/** `visibility` adds the fields that only some callers may see. */
export function presentAgentBot(bot: AgentBotRow, visibility: Visibility): z.output<typeof agentBotShape> {
  const isSystem = bot.accountId === null
  return {
    id: bot.id,
    name: bot.name,
    description: bot.description,
    thumbnail: bot.avatarUrl ?? '',
    outgoing_url: isSystem && !visibility.installation ? null : bot.outgoingUrl,
    bot_type: bot.botType,
    bot_config: bot.botConfig,
    account_id: bot.accountId,
    system_bot: isSystem,
    ...(visibility.installation || (visibility.administrator && !isSystem) ? { secret: bot.secret } : {}),
    ...(visibility.token === undefined ? {} : { access_token: visibility.token }),
  }
}
