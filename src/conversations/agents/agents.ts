// Agents of an account: joined by their address (whoever has an account elsewhere keeps name and tokens), changed, and let go.
// The last administrator stays one: an account that nobody administers would need a console.

import type { Db } from '../../db/client.ts'
import { inPatientTransaction, inTransaction, queryOne, type Pool, type Tx } from '../../db/pool.ts'
import { assignWaitingOf } from '../assignment/assign.ts'
import { isEmailAddress } from '../messages/new-message.ts'
import { taken, type Problem, type Saved } from '../problem.ts'
import { agentInclude, toAgentRow } from '../row-mapping.ts'
import type { AgentRow, Availability, Role } from '../rows.ts'
import { findProblems, isBlank, isLine, type Rule } from '../save.ts'

export interface AgentFields {
  readonly name?: string | null | undefined
  readonly role?: Role | undefined
  readonly availability?: Availability | undefined
  readonly autoOffline?: boolean | undefined
}

export type NewAgent = AgentFields & { readonly email: string }

const lastAdministrator: Problem = { attribute: 'role', message: 'cannot change: an account needs an administrator' }
const nameOfAnother: Problem = { attribute: 'name', message: 'is theirs to change: they belong to another account, too' }

const rules: readonly Rule<AgentFields & { readonly email?: string }>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  ['email', 'is invalid', ({ email }) => email !== undefined && !isEmailAddress(email)],
]

export function createAgents(sql: { readonly db: Db; readonly pool: Pool }) {
  const findAgent = async (accountId: number, userId: number): Promise<AgentRow | null> => {
    const user = await sql.db.user.findFirst({ where: { id: userId, accountUsers: { some: { accountId } } }, include: agentInclude(accountId) })
    return user === null ? null : toAgentRow(user, accountId)
  }
  return {
    findAgent,

    /** The agents with these ids, by name; others are left out. */
    async findAgents(accountId: number, userIds: readonly number[]): Promise<AgentRow[]> {
      const users = await sql.db.user.findMany({ where: { id: { in: [...userIds] }, accountUsers: { some: { accountId } } }, include: agentInclude(accountId), orderBy: [{ name: 'asc' }, { id: 'asc' }] })
      return users.map((user) => toAgentRow(user, accountId))
    },

    /** Makes whoever has this address an agent; a person of that address is made when there is none. */
    async addAgent(accountId: number, given: NewAgent): Promise<Saved<AgentRow>> {
      const agent = normalise(given)
      const problems = findProblems(rules, agent)
      if (problems.length > 0) return { problems }
      const userId = await inTransaction(sql.pool, (tx) => join(tx, accountId, agent))
      const added = userId === null ? null : await findAgent(accountId, userId)
      return added === null ? { problems: [taken('user_id')] } : { saved: added }
    },

    /** As many at once, named after their addresses; those who are agents already stay what they are. All or nothing. */
    addAgents: (accountId: number, emails: readonly string[]) => addAgents(sql.pool, accountId, emails),

    async updateAgent(agent: AgentRow, given: AgentFields): Promise<Saved<AgentRow>> {
      const problems = findProblems(rules, given)
      if (problems.length > 0) return { problems }
      const problem = await inPatientTransaction(sql.pool, async (tx) => {
        if (given.role === 'agent' && (await isLastAdministrator(tx, agent))) return lastAdministrator
        if (!(await rename(tx, agent, given.name ?? agent.name))) return nameOfAnother
        await tx.query('update account_users set role = coalesce($3, role), availability = coalesce($4, availability), auto_offline = coalesce($5, auto_offline) where account_id = $1 and user_id = $2', [
          agent.accountId,
          agent.id,
          given.role ?? null,
          given.availability ?? null,
          given.autoOffline ?? null,
        ])
        if (given.availability === 'online' && agent.availability !== 'online') await assignWaitingOf(tx, { accountId: agent.accountId, userId: agent.id })
        return null
      })
      return problem === null ? { saved: (await findAgent(agent.accountId, agent.id)) ?? agent } : { problems: [problem] }
    },

    /** Takes someone out of the account; what they wrote stays, under their name. */
    async removeAgent(agent: AgentRow): Promise<Saved<null>> {
      return inPatientTransaction(sql.pool, async (tx) => {
        if (await isLastAdministrator(tx, agent)) return { problems: [lastAdministrator] }
        for (const statement of leaving) await tx.query(statement, [agent.accountId, agent.id])
        return { saved: null }
      })
    },
  }
}

async function addAgents(pool: Pool, accountId: number, emails: readonly string[]): Promise<Saved<number>> {
  const agents = emails.map((email) => normalise({ email }))
  const wrong = agents.filter((agent) => findProblems(rules, agent).length > 0)
  if (wrong.length > 0) return { problems: [{ attribute: 'emails', message: `are invalid: ${wrong.map((agent) => agent.email).join(', ')}` }] }
  return inTransaction(pool, async (tx) => {
    for (const agent of agents) await join(tx, accountId, agent)
    return { saved: agents.length }
  })
}

// What ties a person to an account; conversations are held first, in their order. Their reply addresses stop working at once.
const leaving = [
  'select 1 from conversations where account_id = $1 and assignee_id = $2 order by id for no key update',
  'delete from account_users where account_id = $1 and user_id = $2',
  'delete from inbox_members m using inboxes i where i.id = m.inbox_id and i.account_id = $1 and m.user_id = $2',
  'delete from team_members m using teams t where t.id = m.team_id and t.account_id = $1 and m.user_id = $2',
  'delete from conversation_participants p using conversations c where c.id = p.conversation_id and c.account_id = $1 and p.user_id = $2',
  'delete from custom_filters where account_id = $1 and user_id = $2',
  `update reply_tokens set revoked_at = now() where account_id = $1 and user_id = $2 and role = 'agent' and revoked_at is null`,
  'update conversations set assignee_id = null, updated_at = now() where account_id = $1 and assignee_id = $2',
]

// A name is one in all accounts: it is for the administrators of one to change only where there is no other. False: there is.
async function rename(tx: Tx, agent: AgentRow, name: string): Promise<boolean> {
  if (name === agent.name) return true
  const { rowCount } = await tx.query('update users u set name = $3, updated_at = now() where id = $2 and not exists (select 1 from account_users a where a.user_id = u.id and a.account_id <> $1)', [
    agent.accountId,
    agent.id,
    name,
  ])
  return rowCount === 1
}

// Holds the administrators of the account until the transaction ends, so that two do not dismiss each other.
async function isLastAdministrator(tx: Tx, agent: AgentRow): Promise<boolean> {
  const { rows } = await tx.query<{ user_id: number }>(`select user_id from account_users where account_id = $1 and role = 'administrator' order by user_id for update`, [agent.accountId])
  return rows.length === 1 && rows[0]?.user_id === agent.id
}

function normalise(given: NewAgent): NewAgent & { readonly name: string } {
  const email = given.email.trim().toLowerCase()
  return { ...given, email, name: isBlank(given.name) || given.name === undefined ? (email.split('@')[0] ?? '') : (given.name ?? '').trim() }
}

// Null: they are in the account already.
async function join(tx: Tx, accountId: number, agent: NewAgent): Promise<number | null> {
  await tx.query('insert into users (name, email, updated_at) values ($1, $2, now()) on conflict (email) do nothing', [agent.name, agent.email])
  const row = await queryOne<{ user_id: number }>(
    tx,
    `insert into account_users (account_id, user_id, role, availability, auto_offline)
     select $1, id, $3, $4, $5 from users where email = $2 on conflict do nothing returning user_id`,
    [accountId, agent.email, agent.role ?? 'agent', agent.availability ?? 'online', agent.autoOffline ?? true],
  )
  return row?.user_id ?? null
}
