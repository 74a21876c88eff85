// Agents of an account: invited by address, changed, and removed. An invited person is listed at once and has no access
// before they open the mailed link, or an administrator of the installation has added them. A user of another account
// keeps name and tokens. The last administrator cannot be removed: an account without one could not be administered.

import type { Db } from '../../db/client.ts'
import { inTransaction, type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'
import { isEmailAddress } from '../../mail/address.ts'
import { assignWaitingOf } from '../assignment/assign.ts'
import { acceptMembership, queueInvitation } from '../people/invitations.ts'
import { findNewAddressProblem } from '../people/user-address.ts'
import { type Problem, type Saved, taken } from '../records/problem.ts'
import type { AgentRow, Availability, Role } from '../records/rows.ts'
import { findProblems, isBlank, isLine, type Rule } from '../records/save.ts'
import { createAgentLookup } from './find-agents.ts'
import { endUnseenAddresses } from './new-conversation-addresses.ts'

export interface AgentFields {
  readonly name?: string | null | undefined
  readonly role?: Role | undefined
  readonly availability?: Availability | undefined
  readonly autoOffline?: boolean | undefined
}

export type NewAgent = AgentFields & { readonly email: string }

const lastAdministrator: Problem = { attribute: 'role', message: 'cannot change: an account needs an administrator' }
const nameOfAnother: Problem = {
  attribute: 'name',
  message: 'cannot be changed: this user also belongs to other accounts',
}

const rules: readonly Rule<AgentFields & { readonly email?: string }>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  ['email', 'is invalid', ({ email }) => email !== undefined && !isEmailAddress(email)],
]

interface Deps {
  readonly db: Db
  readonly pool: Pool
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
  /** Called after a commit that queued mail. */
  readonly wake: () => void
}

/** How an agent is admitted: an account invites them; the installation's word counts as their confirmation. */
export type Admission = 'invited' | 'confirmed'

export function createAgents(sql: Deps) {
  const lookup = createAgentLookup(sql.db)
  return {
    ...lookup,

    /**
     * Adds the user with this address as an agent, or a new user; an invited one gets a mail. Throws
     * `MailError('rate-limited')`.
     */
    async addAgent(accountId: number, given: NewAgent, by: Admission): Promise<Saved<AgentRow>> {
      const agent = normalise(given)
      const problems = await validate(sql, [agent])
      if (problems.length > 0) return { problems }
      const userId = await withDeadlockRetry(sql.pool, (tx) => join(tx, { accountId, by }, agent))
      const added = userId === null ? null : await lookup.findAgent(accountId, userId)
      if (added === null) return { problems: [taken('user_id')] }
      sql.wake()
      return { saved: added }
    },

    /** Several at once, named after their addresses; existing agents are not changed. All or nothing. */
    addAgents: (accountId: number, emails: readonly string[], by: Admission) =>
      addAgents(sql, { accountId, by }, emails),

    /** Mails the link again to a person who has not accepted. */
    async inviteAgain(agent: AgentRow): Promise<Saved<AgentRow>> {
      if (agent.confirmed) return { problems: [{ attribute: 'user', message: 'has accepted the invitation' }] }
      await inTransaction(sql.pool, (tx) =>
        invite(tx, { accountId: agent.accountId, userId: agent.id, email: agent.email }),
      )
      sql.wake()
      return { saved: agent }
    },

    async updateAgent(agent: AgentRow, given: AgentFields): Promise<Saved<AgentRow>> {
      const problems = findProblems(rules, given)
      if (problems.length > 0) return { problems }
      const problem = await withDeadlockRetry(sql.pool, async (tx) => {
        if (given.role === 'agent' && (await isLastAdministrator(tx, agent))) return lastAdministrator
        if (!(await rename(tx, agent, given.name ?? agent.name))) return nameOfAnother
        await updateMembership(tx, agent, given)
        if (given.role === 'agent') await endUnseenAddresses(tx, agent.accountId)
        if (given.availability === 'online' && agent.availability !== 'online')
          await assignWaitingOf(tx, { accountId: agent.accountId, userId: agent.id })
        return null
      })
      return problem === null
        ? { saved: (await lookup.findAgent(agent.accountId, agent.id)) ?? agent }
        : { problems: [problem] }
    },

    /** Removes a user from the account; the user's messages stay, with the name. */
    async removeAgent(agent: AgentRow): Promise<Saved<null>> {
      return withDeadlockRetry(sql.pool, async (tx) => {
        if (await isLastAdministrator(tx, agent)) return { problems: [lastAdministrator] }
        for (const statement of leaving) await tx.query(statement, [agent.accountId, agent.id])
        return { saved: null }
      })
    },
  }
}

async function updateMembership(tx: Tx, agent: AgentRow, given: AgentFields): Promise<void> {
  await tx.query(
    `
      update account_users
      set
        role = coalesce($3, role),
        availability = coalesce($4, availability),
        auto_offline = coalesce($5, auto_offline)
      where account_id = $1 and user_id = $2
    `,
    [agent.accountId, agent.id, given.role ?? null, given.availability ?? null, given.autoOffline ?? null],
  )
}

async function addAgents(sql: Deps, joining: Joining, emails: readonly string[]): Promise<Saved<number>> {
  const agents = emails.map((email) => normalise({ email }))
  const checked = await Promise.all(agents.map(async (agent) => ({ agent, problems: await validate(sql, [agent]) })))
  const wrong = checked.filter(({ problems }) => problems.length > 0).map(({ agent }) => agent.email)
  if (wrong.length > 0) return { problems: [{ attribute: 'emails', message: `are invalid: ${wrong.join(', ')}` }] }
  await withDeadlockRetry(sql.pool, async (tx) => {
    for (const agent of agents) await join(tx, joining, agent)
  })
  sql.wake()
  return { saved: agents.length }
}

async function validate({ pool, replyDomain }: Deps, agents: readonly NewAgent[]): Promise<Problem[]> {
  const problems = agents.flatMap((agent) => findProblems(rules, agent))
  if (problems.length > 0) return problems
  const found = await Promise.all(agents.map(({ email }) => findNewAddressProblem(pool, email, replyDomain)))
  return found.filter((problem) => problem !== null)
}

// Everything that ties a person to an account. Conversations are locked first, in order. The person's reply addresses
// stop working at once.
const leaving = [
  'select 1 from conversations where account_id = $1 and assignee_id = $2 order by id for no key update',
  'delete from account_users where account_id = $1 and user_id = $2',
  'delete from inbox_members m using inboxes i where i.id = m.inbox_id and i.account_id = $1 and m.user_id = $2',
  'delete from team_members m using teams t where t.id = m.team_id and t.account_id = $1 and m.user_id = $2',
  `
    delete from conversation_participants p
    using conversations c
    where c.id = p.conversation_id and c.account_id = $1 and p.user_id = $2
  `,
  'delete from custom_filters where account_id = $1 and user_id = $2',
  `
    update reply_tokens
    set revoked_at = now()
    where account_id = $1 and user_id = $2 and role in ('agent', 'note') and revoked_at is null
  `,
  'update conversations set assignee_id = null, updated_at = now() where account_id = $1 and assignee_id = $2',
  `delete from one_time_links
   where account_id = $1 and subject_id = $2 and purpose = 'accept-invitation' and consumed_at is null`,
]

// A user has one name in all accounts: the administrators of an account may change it only if the user has no other
// account, and an existing user only after they have accepted. False: the name cannot be changed here.
async function rename(tx: Tx, agent: AgentRow, name: string): Promise<boolean> {
  if (name === agent.name) return true
  const { rowCount } = await tx.query(
    `update users u set name = $3, updated_at = now()
     where id = $2
       and not exists (select 1 from account_users a where a.user_id = u.id and a.account_id <> $1)
       and (u.confirmed_at is null
         or exists (select 1 from acting_members m where m.user_id = u.id and m.account_id = $1))`,
    [agent.accountId, agent.id, name],
  )
  return rowCount === 1
}

// Locks the administrators of the account until the transaction ends, so that two cannot remove each other. An invited
// person is not an administrator yet.
async function isLastAdministrator(tx: Tx, agent: AgentRow): Promise<boolean> {
  const { rows } = await tx.query<{ user_id: number }>(
    `select user_id from account_users u
     where account_id = $1
       and role = 'administrator'
       and exists (select 1 from acting_members m where m.account_id = u.account_id and m.user_id = u.user_id)
     order by user_id for update`,
    [agent.accountId],
  )
  return rows.length === 1 && rows[0]?.user_id === agent.id
}

function normalise(given: NewAgent): NewAgent & { readonly name: string } {
  const email = given.email.trim().toLowerCase()
  return {
    ...given,
    email,
    name: isBlank(given.name) || given.name === undefined ? (email.split('@')[0] ?? '') : (given.name ?? '').trim(),
  }
}

interface Joining {
  readonly accountId: number
  readonly by: Admission
}

// Null: they are in the account already.
async function join(tx: Tx, { accountId, by }: Joining, agent: NewAgent): Promise<number | null> {
  // A user that an invitation created, and who is in no account any more, is renamed.
  await tx.query(
    `insert into users (name, email, updated_at) values ($1, $2, now())
     on conflict (email) do update set name = excluded.name
     where users.confirmed_at is null
       and not exists (select 1 from account_users a where a.user_id = users.id)`,
    [agent.name, agent.email],
  )
  const row = await queryOne<{ user_id: number }>(
    tx,
    `insert into account_users (account_id, user_id, role, availability, auto_offline, accepted_at)
     select $1, id, $3, $4, $5, null from users where email = $2
     on conflict (account_id, user_id) do update set role = excluded.role
     where $6 and account_users.accepted_at is null
     returning user_id`,
    [
      accountId,
      agent.email,
      agent.role ?? 'agent',
      agent.availability ?? 'online',
      agent.autoOffline ?? true,
      by === 'confirmed',
    ],
  )
  if (row === null) return null
  if (by === 'confirmed') await acceptMembership(tx, { accountId, userId: row.user_id })
  else await invite(tx, { accountId, userId: row.user_id, email: agent.email })
  return row.user_id
}

async function invite(
  tx: Tx,
  invited: { readonly accountId: number; readonly userId: number; readonly email: string },
) {
  if (await queueInvitation(tx, invited)) return
  throw new MailError('rate-limited', `${invited.email} was invited as often as it may be today`, {
    publicMessage: 'Too many invitations were sent to this address today, try again tomorrow',
  })
}
