// …/agent_bots: every member reads, administrators write those of the account; those of the installation are of the
// platform. A bot's token is shown only in the answer that creates it and in that of reset_access_token.

import type { AgentBotFields } from '../../conversations/agents/agent-bots.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { filledText, idOf, object, text } from '../input/fields.ts'
import { agentBotShape, presentAgentBot } from '../present/agent-bot.ts'
import { listOf } from '../present/kinds.ts'
import { forAdministrator, forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'
import type { TakePicture } from './pictures.ts'

export const botFields = {
  name: text,
  description: text,
  outgoing_url: text,
  bot_type: filledText,
  bot_config: object,
  avatar_url: text,
}
const spec = { tag: 'Agent bots' } as const
const write = { ...spec, files: true, takes: botFields, under: 'agent_bot', answer: agentBotShape } as const
const visibility = { administrator: true }

export function agentBotRoutes(
  { agentBots, accessTokens }: Pick<Ledger, 'agentBots' | 'accessTokens'>,
  takePicture: TakePicture,
): Route[] {
  const find = async ({ member, params }: MemberRequest) =>
    found(await agentBots.findOwnBot(member.account.id, idOf(params['id'])))
  const seenBy = ({ member }: MemberRequest) => ({ administrator: member.role === 'administrator' })
  return [
    forMember('GET /agent_bots', { ...spec, summary: 'List bots', answer: listOf(agentBotShape) }, async (request) =>
      (await agentBots.listBots(request.member.account.id)).map((bot) => presentAgentBot(bot, seenBy(request))),
    ),
    forMember('GET /agent_bots/:id', { ...spec, summary: 'Get a bot', answer: agentBotShape }, async (request) =>
      presentAgentBot(
        found(await agentBots.findBot(request.member.account.id, idOf(request.params['id']))),
        seenBy(request),
      ),
    ),
    forAdministrator(
      'POST /agent_bots',
      { ...write, summary: 'Create a bot; its access token is shown once' },
      async ({ member, given, files }) => {
        const { bot, token } = saved(
          await agentBots.createBot(member.account.id, {
            ...botFieldsOf(given),
            ...(await takePicture(member.account.id, files)),
          }),
        )
        return presentAgentBot(bot, { ...visibility, token })
      },
    ),
    forAdministrator('UPDATE /agent_bots/:id', { ...write, summary: 'Update a bot' }, async (request) => {
      const bot = await find(request)
      return presentAgentBot(
        saved(
          await agentBots.updateBot(bot, {
            ...botFieldsOf(request.given),
            ...(await takePicture(bot.accountId, request.files)),
          }),
        ),
        visibility,
      )
    }),
    forAdministrator(
      'DELETE /agent_bots/:id',
      { ...spec, summary: 'Delete a bot; its messages stay' },
      async (request) => {
        await agentBots.deleteBot(await find(request))
        return undefined
      },
    ),
    forAdministrator(
      'POST /agent_bots/:id/reset_access_token',
      { ...spec, summary: 'Replace the access token of a bot', answer: agentBotShape },
      async (request) => {
        const bot = await find(request)
        return presentAgentBot(bot, { ...visibility, token: await accessTokens.resetTokens({ agentBotId: bot.id }) })
      },
    ),
    forAdministrator(
      'POST /agent_bots/:id/reset_secret',
      { ...spec, summary: 'Replace the webhook secret of a bot', answer: agentBotShape },
      async (request) => presentAgentBot(await agentBots.resetSecret(await find(request)), visibility),
    ),
    forAdministrator(
      'DELETE /agent_bots/:id/avatar',
      { ...spec, summary: 'Delete the picture of a bot', answer: agentBotShape },
      async (request) =>
        presentAgentBot(saved(await agentBots.updateBot(await find(request), { avatarUrl: null })), visibility),
    ),
  ]
}

export function botFieldsOf(given: Given<typeof botFields>): AgentBotFields {
  return {
    name: given.name,
    description: given.description,
    outgoingUrl: given.outgoing_url,
    botType: given.bot_type,
    botConfig: given.bot_config,
    avatarUrl: given.avatar_url,
  }
}
