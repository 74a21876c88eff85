// A bot as administrators and agents see it. Its token is told once, when it is made; what its webhooks are signed with, to administrators.

import { z } from 'zod'

import type { AgentBotRow } from '../../conversations/rows.ts'
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
    account_id: id,
    system_bot: z.boolean(),
    secret: text.optional(),
    access_token: text.optional(),
  }),
)

/** `told` adds what only some may see. */
export function presentAgentBot(bot: AgentBotRow, told: { readonly administrator: boolean; readonly token?: string }): z.output<typeof agentBotShape> {
  return {
    id: bot.id,
    name: bot.name,
    description: bot.description,
    thumbnail: bot.avatarUrl ?? '',
    outgoing_url: bot.outgoingUrl,
    bot_type: bot.botType,
    bot_config: bot.botConfig,
    account_id: bot.accountId,
    system_bot: false,
    ...(told.administrator ? { secret: bot.secret } : {}),
    ...(told.token === undefined ? {} : { access_token: told.token }),
  }
}
