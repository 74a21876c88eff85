// Inboxes with their channels: seen, made and changed. Deleting one is delete-inbox.ts.

import { randomBytes } from 'node:crypto'

import { channelTypeOf, isApi, isEmail, isWidget } from '../../contracts/channels.ts'
import { type Db, type Prisma, withLock } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { createMembers } from '../agents/members.ts'
import { checkInboxAddress, enterAddressCode, queueAddressCode } from '../domains/inbox-address.ts'
import { deleteInbox } from '../erasure/delete-inbox.ts'
import type { VisibleInboxes } from '../records/access.ts'
import type { Problem, Saved } from '../records/problem.ts'
import { inboxInclude, toInboxRow, toInboxRows } from '../records/row-mapping.ts'
import type { AccountRow, InboxRow } from '../records/rows.ts'
import { defined, saveRecord } from '../records/save.ts'
import { findTransportProblems } from '../records/transport-name.ts'
import { changeWeek, storedDay, weekOf } from '../records/working-hours.ts'
import { findAssignableAgents } from './assignable-agents.ts'
import { findChannelProblems, storedSettings } from './channel-fields.ts'
import { columnsOf, findInboxProblems, type InboxChanges } from './inbox-fields.ts'

interface Deps {
  readonly db: Db
  readonly pool: Pool
  /** That of accounts without one. */
  readonly replyDomain: string
  /** Names of the transports that are configured. */
  readonly transports: readonly string[]
  /** Called after a commit that queued mail. */
  readonly wake: () => void
}

/** How an inbox address is confirmed: by the installation at once, by the account if it owns the domain. */
export type Asker = 'account' | 'installation'

export function createInboxes(deps: Deps) {
  const { db } = deps
  return {
    /** The inboxes of an account that someone sees, by name. */
    async listInboxes(accountId: number, visible: VisibleInboxes): Promise<InboxRow[]> {
      const records = await db.inbox.findMany({
        where: { accountId, ...(visible === null ? {} : { id: { in: [...visible] } }) },
        include: inboxInclude,
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
      })
      return toInboxRows(records)
    },

    async findInbox(accountId: number, inboxId: number): Promise<InboxRow | null> {
      const record = await db.inbox.findFirst({ where: { accountId, id: inboxId }, include: inboxInclude })
      return toInboxRows([record])[0] ?? null
    },

    /** A channel of `type` and its inbox; an email inbox gets an address to forward to, unguessable. */
    createInbox: (
      { account, by }: { readonly account: AccountRow; readonly by: Asker },
      type: string,
      given: InboxChanges,
    ) => createInbox(deps, { account, type, by }, given),
    updateInbox: (inbox: InboxRow, given: InboxChanges, by: Asker = 'account') =>
      updateInbox(deps, { inbox, by }, given),

    /**
     * Mails the code for the inbox's address again. False: the mailbox has received the most codes of a day, or the
     * address is confirmed.
     */
    sendAddressCode: (inbox: InboxRow) => sendCode(deps, inbox),
    /** Enters the code that was mailed to the inbox's address. */
    async confirmAddress(inbox: InboxRow, code: string): Promise<Saved<InboxRow>> {
      const problem = inbox.channel.emailConfirmedAt === null ? await enterAddressCode(deps.pool, inbox, code) : null
      if (problem !== null) return { problems: [problem] }
      return {
        saved: toInboxRow(await db.inbox.findUniqueOrThrow({ where: { id: inbox.id }, include: inboxInclude })),
      }
    },
    deleteInbox: (inbox: InboxRow) => deleteInbox(deps.pool, inbox),

    /** `agentBotId` null: no bot answers first there. */
    async setAgentBot(inbox: InboxRow, agentBotId: number | null): Promise<void> {
      await db.inbox.updateMany({ where: { id: inbox.id }, data: { agentBotId } })
    },

    /** Members of all these inboxes, and administrators. */
    findAssignableAgents: (accountId: number, inboxIds: readonly number[]) =>
      findAssignableAgents(deps, accountId, inboxIds),
    members: createMembers(deps, 'inbox'),
  }
}

const secret = (): string => randomBytes(18).toString('base64url')

async function sendCode({ pool, wake }: Deps, inbox: InboxRow): Promise<boolean> {
  const isQueued = await queueAddressCode(pool, inbox)
  if (isQueued) wake()
  return isQueued
}

async function createInbox(
  deps: Deps,
  where: { readonly account: AccountRow; readonly type: string; readonly by: Asker },
  given: InboxChanges,
): Promise<Saved<InboxRow>> {
  const { db, replyDomain } = deps
  const { account } = where
  const type = channelTypeOf(where.type)
  if (type === null) return { problems: [{ attribute: 'channel_type', message: 'is not included in the list' }] }
  const channel = normaliseChannel(given.channel)
  const name = given.inbox.name ?? ''
  const week = changeWeek(weekOf([]), given.workingHours)
  const problems = [
    ...findInboxProblems({ ...given.inbox, name, type }),
    ...findTransportProblems(given.inbox.transport, deps.transports),
    ...findChannelProblems({ ...channel, type, isNew: true }),
    ...('problems' in week ? week.problems : []),
  ]
  if (problems.length > 0) return { problems }
  const address = await checkAddress(deps, { accountId: account.id, by: where.by }, channel.email)
  if (address.problem !== null) return { problems: [address.problem] }
  const made = await saveRecord({ problems: [], unique: 'email' }, async () => {
    const record = await db.inbox.create({
      data: {
        ...columnsOf({ ...given.inbox, name }),
        name: name.trim(),
        ...(given.workingHours.length === 0 ? {} : { workingHours: storedWeek(given.workingHours) }),
        account: { connect: { id: account.id } },
        channel: {
          create: {
            accountId: account.id,
            channelType: type,
            hmacToken: secret(),
            settings: storedSettings(type, null, channel.settings),
            emailConfirmedAt: address.isConfirmed ? new Date() : null,
            ...ownColumns(type, channel, account.domain ?? replyDomain),
          },
        },
      },
      include: inboxInclude,
    })
    return toInboxRow(record)
  })
  if ('saved' in made) await sendCode(deps, made.saved)
  return made
}

type Channel = ReturnType<typeof normaliseChannel>

function normaliseChannel(channel: InboxChanges['channel']) {
  return {
    settings: channel.settings,
    email: channel.email?.trim().toLowerCase(),
    webhookUrl: channel.webhookUrl?.trim(),
  }
}

function ownColumns(type: string, channel: Channel, domain: string) {
  if (isEmail(type))
    return { email: channel.email ?? null, forwardToEmail: `${randomBytes(16).toString('hex')}@${domain}` }
  if (isApi(type)) return { identifier: secret(), webhookUrl: channel.webhookUrl || null }
  if (isWidget(type)) return { websiteToken: secret() }
  return { webhookUrl: channel.webhookUrl || null }
}

function storedWeek(
  given: InboxChanges['workingHours'],
  before: InboxRow['workingHours'] = weekOf([]),
): Prisma.InputJsonValue {
  const week = changeWeek(before, given)
  return 'week' in week ? week.week.map(storedDay) : []
}

async function updateInbox(
  deps: Deps,
  { inbox, by }: { readonly inbox: InboxRow; readonly by: Asker },
  given: InboxChanges,
): Promise<Saved<InboxRow>> {
  const { db } = deps
  const { type } = inbox.channel
  const channel = normaliseChannel(given.channel)
  const week = changeWeek(inbox.workingHours, given.workingHours)
  const problems = [
    ...findInboxProblems({ ...given.inbox, type }),
    ...findTransportProblems(given.inbox.transport, deps.transports),
    ...findChannelProblems({ ...channel, type, isNew: false }),
    ...('problems' in week ? week.problems : []),
  ]
  if (problems.length > 0) return { problems }
  const email = isEmail(type) && channel.email !== inbox.channel.email ? channel.email : undefined
  const address = await checkAddress(deps, { accountId: inbox.accountId, by }, email)
  if (address.problem !== null) return { problems: [address.problem] }
  const columns = defined({
    ...addressColumns(email, address.isConfirmed),
    webhookUrl: channel.webhookUrl === '' ? null : channel.webhookUrl,
  })
  const where = { id: inbox.id }
  const changed = await saveRecord({ problems: [], unique: 'email' }, () =>
    withLock(db, { table: 'inboxes', id: inbox.id }, async (tx) => {
      const now = toInboxRow(await tx.inbox.findUniqueOrThrow({ where, include: inboxInclude }))
      const hours =
        given.workingHours.length === 0 ? {} : { workingHours: storedWeek(given.workingHours, now.workingHours) }
      const kept = { ...columns, settings: storedSettings(type, now.channel.settings, channel.settings) }
      return toInboxRow(
        await tx.inbox.update({
          where,
          data: { ...columnsOf(given.inbox), ...hours, channel: { update: kept } },
          include: inboxInclude,
        }),
      )
    }),
  )
  if ('saved' in changed && email !== undefined) await sendCode(deps, changed.saved)
  return changed
}

function addressColumns(email: string | null | undefined, isConfirmed: boolean) {
  return email === undefined ? {} : { email, emailConfirmedAt: isConfirmed ? new Date() : null, emailCodeHash: null }
}

async function checkAddress(
  { pool, replyDomain }: Deps,
  { accountId, by }: { readonly accountId: number; readonly by: Asker },
  email: string | null | undefined,
): Promise<{ readonly problem: Problem | null; readonly isConfirmed: boolean }> {
  if (email === undefined || email === null) return { problem: null, isConfirmed: true }
  const { problem, isOwn } = await checkInboxAddress(pool, { accountId, email, replyDomain })
  return { problem, isConfirmed: isOwn || by === 'installation' }
}
