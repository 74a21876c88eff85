// Inboxes with their channels: seen, made and changed. Deleting one is delete-inbox.ts.

import { randomBytes } from 'node:crypto'

import { whileHeld, type Db, type Prisma } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { createMembers } from '../agents/members.ts'
import { taken, type Problem, type Saved } from '../problem.ts'
import { inboxInclude, toInboxRow } from '../row-mapping.ts'
import type { AccountRow, InboxRow } from '../rows.ts'
import type { VisibleInboxes } from '../people/users.ts'
import { defined, saveRecord } from '../save.ts'
import { findAssignableAgents } from './assignable-agents.ts'
import { channelTypeOf, findChannelProblems, keptSettings } from './channel-fields.ts'
import { deleteInbox } from './delete-inbox.ts'
import { columnsOf, findInboxProblems, type InboxChanges } from './inbox-fields.ts'
import { changeWeek, keptDay, weekOf } from './working-hours.ts'

interface Ground {
  readonly db: Db
  readonly pool: Pool
  /** That of accounts without one. */
  readonly replyDomain: string
}

export function createInboxes(ground: Ground) {
  const { db } = ground
  return {
    /** The inboxes of an account that someone sees, by name. */
    async listInboxes(accountId: number, visible: VisibleInboxes): Promise<InboxRow[]> {
      const records = await db.inbox.findMany({ where: { accountId, ...(visible === null ? {} : { id: { in: [...visible] } }) }, include: inboxInclude, orderBy: [{ name: 'asc' }, { id: 'asc' }] })
      return records.map(toInboxRow)
    },

    async findInbox(accountId: number, inboxId: number): Promise<InboxRow | null> {
      const record = await db.inbox.findFirst({ where: { accountId, id: inboxId }, include: inboxInclude })
      return record === null ? null : toInboxRow(record)
    },

    /** A channel of `type` and its inbox; an email inbox gets an address to forward to, unguessable. */
    createInbox: (account: AccountRow, type: string, given: InboxChanges) => createInbox(ground, { account, type }, given),
    updateInbox: (inbox: InboxRow, given: InboxChanges) => updateInbox(db, inbox, given),
    deleteInbox: (inbox: InboxRow) => deleteInbox(ground.pool, inbox),

    /** `agentBotId` null: no bot answers first there. */
    async setAgentBot(inbox: InboxRow, agentBotId: number | null): Promise<void> {
      await db.inbox.updateMany({ where: { id: inbox.id }, data: { agentBotId } })
    },

    /** Members of all these inboxes, and administrators. */
    findAssignableAgents: (accountId: number, inboxIds: readonly number[]) => findAssignableAgents(ground, accountId, inboxIds),
    members: createMembers(ground, 'inbox'),
  }
}

const secret = (): string => randomBytes(18).toString('base64url')

async function createInbox({ db, replyDomain }: Ground, where: { readonly account: AccountRow; readonly type: string }, given: InboxChanges): Promise<Saved<InboxRow>> {
  const { account } = where
  const type = channelTypeOf(where.type)
  if (type === null) return { problems: [{ attribute: 'channel_type', message: 'is not included in the list' }] }
  const channel = normaliseChannel(given.channel)
  const name = given.inbox.name ?? ''
  const week = changeWeek(weekOf([]), given.workingHours)
  const problems = [...findInboxProblems({ ...given.inbox, name, type }), ...findChannelProblems({ ...channel, type, isNew: true }), ...('problems' in week ? week.problems : [])]
  if (problems.length > 0) return { problems }
  const clash = await findClash(db, account.id, channel.email)
  if (clash !== null) return { problems: [clash] }
  return saveRecord({ problems: [], unique: 'email' }, async () => {
    const record = await db.inbox.create({
      data: {
        ...columnsOf({ ...given.inbox, name }),
        name: name.trim(),
        ...(given.workingHours.length === 0 ? {} : { workingHours: keptWeek(given.workingHours) }),
        account: { connect: { id: account.id } },
        channel: { create: { accountId: account.id, channelType: type, hmacToken: secret(), settings: keptSettings(type, null, channel.settings), ...ownColumns(type, channel, account.domain ?? replyDomain) } },
      },
      include: inboxInclude,
    })
    return toInboxRow(record)
  })
}

type Channel = ReturnType<typeof normaliseChannel>

function normaliseChannel(channel: InboxChanges['channel']) {
  return { settings: channel.settings, email: channel.email?.trim().toLowerCase(), webhookUrl: channel.webhookUrl?.trim() }
}

function ownColumns(type: string, channel: Channel, domain: string) {
  if (type === 'Channel::Email') return { email: channel.email ?? null, forwardToEmail: `${randomBytes(16).toString('hex')}@${domain}` }
  if (type === 'Channel::Api') return { identifier: secret(), webhookUrl: channel.webhookUrl || null }
  if (type === 'Channel::WebWidget') return { websiteToken: secret() }
  return { webhookUrl: channel.webhookUrl || null }
}

function keptWeek(given: InboxChanges['workingHours'], before: InboxRow['workingHours'] = weekOf([])): Prisma.InputJsonValue {
  const week = changeWeek(before, given)
  return 'week' in week ? week.week.map(keptDay) : []
}

async function updateInbox(db: Db, inbox: InboxRow, given: InboxChanges): Promise<Saved<InboxRow>> {
  const { type } = inbox.channel
  const channel = normaliseChannel(given.channel)
  const week = changeWeek(inbox.workingHours, given.workingHours)
  const problems = [...findInboxProblems({ ...given.inbox, type }), ...findChannelProblems({ ...channel, type, isNew: false }), ...('problems' in week ? week.problems : [])]
  if (problems.length > 0) return { problems }
  const clash = channel.email === inbox.channel.email ? null : await findClash(db, inbox.accountId, channel.email)
  if (clash !== null) return { problems: [clash] }
  const columns = defined({ email: type === 'Channel::Email' ? channel.email : undefined, webhookUrl: channel.webhookUrl === '' ? null : channel.webhookUrl })
  const where = { id: inbox.id }
  return saveRecord({ problems: [], unique: 'email' }, () =>
    whileHeld(db, { table: 'inboxes', id: inbox.id }, async (tx) => {
      const now = toInboxRow(await tx.inbox.findUniqueOrThrow({ where, include: inboxInclude }))
      const hours = given.workingHours.length === 0 ? {} : { workingHours: keptWeek(given.workingHours, now.workingHours) }
      const kept = { ...columns, settings: keptSettings(type, now.channel.settings, channel.settings) }
      return toInboxRow(await tx.inbox.update({ where, data: { ...columnsOf(given.inbox), ...hours, channel: { update: kept } }, include: inboxInclude }))
    }),
  )
}

// An address that mail comes to belongs to one inbox, and one at an account's own domain to that account.
async function findClash(db: Db, accountId: number, email: string | undefined): Promise<Problem | null> {
  if (email === undefined) return null
  const domain = email.split('@')[1] ?? ''
  const [channel, owner] = await Promise.all([db.channel.findFirst({ where: { OR: [{ email }, { forwardToEmail: email }] } }), db.account.findUnique({ where: { domain } })])
  if (channel !== null) return taken('email')
  return owner !== null && owner.id !== accountId ? { attribute: 'email', message: 'is at the domain of another account' } : null
}
