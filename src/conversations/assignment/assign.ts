// Auto-assignment: open, unassigned conversations go to the available members of their inbox in turn, up to
// `max_assignment_limit` open ones each; for a team's conversation, to its members if the team auto-assigns. Turns are
// stored in the table, so all processes share them; the inbox is locked while a turn is given, so rounds are fair. Lock
// order (docs/adr/0019-one-order-of-locks.md): conversations before the inbox. With the inbox locked, further
// conversations are taken only if still unassigned.

import { queryOne, type Tx } from '../../db/pool.ts'
import { isInboxMember, isTeamMember } from '../../db/rules.ts'
import { enqueue } from '../../queue/work.ts'
import { noteActivities } from '../locked-conversation.ts'
import { noteAssigned } from '../notices/assigned.ts'
import { nameOf, type Performer } from '../performer.ts'

interface Member {
  readonly id: number
  readonly name: string
}

// Held until the transaction ends. The foreign keys of new conversations do not wait for it.
async function lockInbox(tx: Tx, inboxId: number): Promise<void> {
  await tx.query('select 1 from inboxes where id = $1 for no key update', [inboxId])
}

// Of an inbox `i`: its members `m` who are available and have room for one more.
const freeMembers = `
  inbox_members m
  join account_users a on a.account_id = i.account_id
    and a.user_id = m.user_id
    and a.availability = 'online'
    and exists (
      select 1 from acting_members acting where acting.account_id = a.account_id and acting.user_id = a.user_id
    )
  where m.inbox_id = i.id
    and (
      jsonb_typeof(i.auto_assignment_config -> 'max_assignment_limit') is distinct from 'number'
        or (
          select count(*)
          from conversations c
          where c.account_id = i.account_id
            and c.status = 'open'
            and c.assignee_id = m.user_id
            and c.inbox_id = i.id
        ) < (i.auto_assignment_config ->> 'max_assignment_limit')::numeric
    )
`

/**
 * The next available agent with room for one more, of the team if one is named; null if there is none. Locks the inbox.
 */
export async function findNextMember(
  tx: Tx,
  { inboxId, teamId }: { readonly inboxId: number; readonly teamId: number | null },
): Promise<Member | null> {
  await lockInbox(tx, inboxId)
  return queryOne<Member>(
    tx,
    `
      select f.id, u.name
      from inboxes i, lateral (select m.user_id as id, m.assigned_turn as turn from ${freeMembers}) f
      join users u on u.id = f.id
      where i.id = $1
        and ($2::int is null or ${isTeamMember('f.id', '$2')})
      order by f.turn, f.id
      limit 1
    `,
    [inboxId, teamId],
  )
}

/** The member has had a turn and goes to the end of the round. The inbox is held. */
export async function takeTurn(tx: Tx, inboxId: number, userId: number): Promise<void> {
  await tx.query(
    `
      update inbox_members
      set assigned_turn = (select max(assigned_turn) + 1 from inbox_members where inbox_id = $1)
      where inbox_id = $1 and user_id = $2
    `,
    [inboxId, userId],
  )
}

interface Waiting {
  readonly id: number
  readonly account_id: number
  readonly inbox_id: number
  readonly team_id: number | null
}

// Open, in an inbox that auto-assigns, and not in a team that does not.
const mayBeGiven = `c.status = 'open' and c.assignee_agent_bot_id is null and i.enable_auto_assignment
  and (c.team_id is null or exists (select 1 from teams t where t.id = c.team_id and t.allow_auto_assign))`

const system: Performer = { kind: 'system' }

/**
 * Assigns one open conversation that is unassigned, or whose assignee does not see its inbox, to the next agent;
 * returns that agent, or null if it stays as it is. Call it in the transaction that opened it.
 */
export async function assignConversation(
  tx: Tx,
  conversationId: number,
  by: Performer = system,
): Promise<number | null> {
  const conversation = await queryOne<Waiting>(
    tx,
    `
      select c.id, c.account_id, c.inbox_id, c.team_id
      from conversations c
      join inboxes i on i.id = c.inbox_id
      where c.id = $1
        and ${mayBeGiven}
        and exists (select 1 from inbox_members m where m.inbox_id = c.inbox_id)
        and (
          c.assignee_id is null
            or not ${isInboxMember('c.assignee_id', 'c.inbox_id')}
        )
      for no key update of c
    `,
    [conversationId],
  )
  return conversation === null ? null : give(tx, conversation, by)
}

async function give(tx: Tx, conversation: Waiting, by: Performer): Promise<number | null> {
  const member = await findNextMember(tx, { inboxId: conversation.inbox_id, teamId: conversation.team_id })
  if (member === null) return null
  await takeTurn(tx, conversation.inbox_id, member.id)
  await tx.query('update conversations set assignee_id = $2, updated_at = now() where id = $1', [
    conversation.id,
    member.id,
  ])
  await noteAssigned(tx, { conversationId: conversation.id, userId: member.id }, { by, isInTurn: true })
  const name = nameOf(by)
  if (name !== null) await noteActivities(tx, conversation, [`Assigned to ${member.name} by ${name}`])
  return member.id
}

// One transaction assigns at most this many, so that it does not lock the inbox for long.
const maxAtOnce = 100

// The longest-waiting conversations that an available agent can take; locked ones are skipped.
const waitingSql = `
  with free as materialized (
    select m.user_id as id from inboxes i, lateral (select m.user_id from ${freeMembers}) m where i.id = $1
  )
  select c.id, c.account_id, c.inbox_id, c.team_id
  from conversations c
  join inboxes i on i.id = c.inbox_id
  where c.account_id = i.account_id
    and c.inbox_id = $1
    and c.assignee_id is null
    and ${mayBeGiven}
    and exists (
      select 1
      from free f
      where c.team_id is null
        or ${isTeamMember('f.id', 'c.team_id')}
    )
  order by c.waiting_since nulls last, c.id
  limit $2
  for no key update of c skip locked
`

/**
 * Assigns the waiting conversations of an inbox to available members; returns how many. Further work is queued for
 * those behind the first hundred.
 */
export async function assignAll(tx: Tx, inboxId: number): Promise<number> {
  await lockInbox(tx, inboxId)
  const { rows } = await tx.query<Waiting>(waitingSql, [inboxId, maxAtOnce])
  let given = 0
  for (const conversation of rows) {
    if ((await give(tx, conversation, system)) !== null) given += 1
  }
  if (rows.length === maxAtOnce)
    await enqueue(tx, [{ kind: 'assign-waiting', key: `assign:${String(inboxId)}`, payload: { inboxId } }])
  return given
}

/** As `assignAll`, for every inbox of an account that the member, now available, belongs to. */
export async function assignWaitingOf(
  tx: Tx,
  member: { readonly accountId: number; readonly userId: number },
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `
      select i.id
      from inboxes i
      join inbox_members m on m.inbox_id = i.id
      where i.account_id = $1 and m.user_id = $2 and i.enable_auto_assignment
      order by i.id
    `,
    [member.accountId, member.userId],
  )
  let given = 0
  for (const { id } of rows) {
    given += await assignAll(tx, id)
  }
  return given
}
