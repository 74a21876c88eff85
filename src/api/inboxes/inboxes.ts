// …/inboxes: agents see those of which they are members, administrators see all, and only administrators write.

import { z } from 'zod'

import type { Asker } from '../../conversations/inboxes/inboxes.ts'
import type { InboxRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { found, notAllowed, saved, unprocessable } from '../input/fault.ts'
import { filledText, idOf, recordId, recordIds } from '../input/fields.ts'
import type { TakePicture } from '../people/pictures.ts'
import { agentBotShape, presentAgentBot } from '../present/agent-bot.ts'
import { inboxShape, presentInbox } from '../present/inbox.ts'
import { anything, listOf, payloadOf } from '../present/kinds.ts'
import { agentShape, presentAgent } from '../present/people.ts'
import { forAdministrator, forMember, type MemberRequest, type Route } from '../request/route.ts'
import { inboxFields, parseInbox } from './inbox-input.ts'

const spec = { tag: 'Inboxes' } as const
const one = '/inboxes/:id'

type Deps = Pick<Ledger, 'inboxes' | 'agentBots'> & { readonly takePicture: TakePicture }

export function inboxRoutes(deps: Deps): Route[] {
  const { inboxes, takePicture } = deps
  const write = { ...spec, files: true, takes: inboxFields, under: 'inbox', answer: inboxShape } as const
  return [
    forMember(
      'GET /inboxes',
      { ...spec, summary: 'List the inboxes that the user sees', answer: payloadOf(inboxShape) },
      async ({ member }) => {
        const rows = await inboxes.listInboxes(member.account.id, member.visibleInboxes)
        return { payload: rows.map((inbox) => presentInbox(inbox, member.role === 'administrator')) }
      },
    ),
    forMember(`GET ${one}`, { ...spec, summary: 'Get an inbox', answer: inboxShape }, async (request) =>
      presentInbox(await getInbox(deps, request), request.member.role === 'administrator'),
    ),
    forAdministrator(
      'POST /inboxes',
      { ...write, summary: 'Create an inbox with its channel' },
      async ({ member, given, files }) => {
        const { channelType, ...changes } = parseInbox(given)
        if (channelType === '') throw unprocessable('param is missing or the value is empty: channel')
        const picture = await takePicture(member.account.id, files)
        return presentInbox(
          saved(
            await inboxes.createInbox({ account: member.account, by: askerOf(member.user) }, channelType, {
              ...changes,
              inbox: { ...changes.inbox, ...picture },
            }),
          ),
          true,
        )
      },
    ),
    forAdministrator(`UPDATE ${one}`, { ...write, summary: 'Update an inbox and its channel' }, async (request) => {
      const { inbox, channel, workingHours } = parseInbox(request.given)
      const row = await getInbox(deps, request)
      const picture = await takePicture(row.accountId, request.files)
      return presentInbox(
        saved(
          await inboxes.updateInbox(
            row,
            { inbox: { ...inbox, ...picture }, channel, workingHours },
            askerOf(request.member.user),
          ),
        ),
        true,
      )
    }),
    forAdministrator(
      `DELETE ${one}`,
      { ...spec, summary: 'Delete an inbox with its conversations; accepted mail stays on record' },
      async (request) => {
        await inboxes.deleteInbox(await getInbox(deps, request))
        return undefined
      },
    ),
    forAdministrator(
      `DELETE ${one}/avatar`,
      { ...spec, summary: 'Delete the picture of an inbox' },
      async (request) => {
        saved(
          await inboxes.updateInbox(await getInbox(deps, request), {
            inbox: { avatarUrl: null },
            channel: { settings: {} },
            workingHours: [],
          }),
        )
        return undefined
      },
    ),
    forMember(
      `GET ${one}/campaigns`,
      { ...spec, summary: 'List the campaigns of an inbox; always empty', answer: listOf(anything) },
      async (request) => {
        await getInbox(deps, request)
        return []
      },
    ),
    ...addressRoutes(deps),
    ...assignableRoutes(deps),
    ...botRoutes(deps),
  ]
}

/** The inbox that a path names. Throws 404, or 401 when the member does not see it. */
async function getInbox({ inboxes }: Deps, { member, params }: MemberRequest): Promise<InboxRow> {
  const inbox = found(await inboxes.findInbox(member.account.id, idOf(params['id'])))
  if (!seesInbox(member, inbox.id)) throw notAllowed()
  return inbox
}

// An address set by an installation administrator counts as confirmed.
function askerOf(user: { readonly installationAdministrator: boolean }): Asker {
  return user.installationAdministrator ? 'installation' : 'account'
}

function addressRoutes(deps: Deps): Route[] {
  const { inboxes } = deps
  return [
    forAdministrator(
      `POST ${one}/confirm_address`,
      {
        ...spec,
        summary: 'Confirm the address of an inbox with the code that was mailed there',
        takes: { code: filledText },
        answer: inboxShape,
      },
      async (request) => {
        const { code } = request.given
        if (code === undefined) throw unprocessable('param is missing or the value is empty: code')
        return presentInbox(saved(await inboxes.confirmAddress(await getInbox(deps, request), code)), true)
      },
    ),
    forAdministrator(
      `POST ${one}/address_code`,
      { ...spec, summary: 'Send another code to the address of an inbox', answer: inboxShape },
      async (request) => {
        const inbox = await getInbox(deps, request)
        if (inbox.channel.emailConfirmedAt === null && !(await inboxes.sendAddressCode(inbox)))
          throw unprocessable('Too many codes were sent to this address today, try again tomorrow')
        return presentInbox(inbox, true)
      },
    ),
  ]
}

function assignableRoutes(deps: Deps): Route[] {
  const { inboxes } = deps
  const answer = payloadOf(agentShape)
  return [
    forMember(
      `GET ${one}/assignable_agents`,
      { ...spec, summary: 'List the agents who can be assigned in an inbox', answer },
      async (request) => {
        const inbox = await getInbox(deps, request)
        return {
          payload: (await inboxes.findAssignableAgents(request.member.account.id, [inbox.id])).map(presentAgent),
        }
      },
    ),
    forMember(
      'GET /assignable_agents',
      {
        ...spec,
        summary: 'List the agents who can be assigned in all these inboxes',
        takes: { inbox_ids: recordIds },
        answer,
      },
      async ({ member, given }) => {
        const ids = [...new Set(given.inbox_ids)]
        const known = new Set((await inboxes.listInboxes(member.account.id, null)).map((inbox) => inbox.id))
        for (const id of ids) {
          found(known.has(id) ? id : null)
          if (!seesInbox(member, id)) throw notAllowed()
        }
        return { payload: (await inboxes.findAssignableAgents(member.account.id, ids)).map(presentAgent) }
      },
    ),
  ]
}

function botRoutes(deps: Deps): Route[] {
  const { inboxes, agentBots } = deps
  const answer = z.object({ agent_bot: z.union([agentBotShape, z.object({})]) })
  return [
    forMember(
      `GET ${one}/agent_bot`,
      { ...spec, summary: 'Get the bot of an inbox; empty = none', answer },
      async (request) => {
        const { agentBotId } = await getInbox(deps, request)
        const bot = agentBotId === null ? null : await agentBots.findBot(request.member.account.id, agentBotId)
        return { agent_bot: bot === null ? {} : presentAgentBot(bot, { administrator: false }) }
      },
    ),
    forAdministrator(
      `POST ${one}/set_agent_bot`,
      { ...spec, summary: 'Set the bot of an inbox; null removes it', takes: { agent_bot: recordId } },
      async (request) => {
        const inbox = await getInbox(deps, request)
        const { agent_bot: botId } = request.given
        const bot = botId === undefined ? null : found(await agentBots.findBot(request.member.account.id, botId))
        await inboxes.setAgentBot(inbox, bot?.id ?? null)
        return undefined
      },
    ),
  ]
}
