// Creates a conversation for an agent: contact inbox, display id and first message, in one transaction.

import { isEmail } from '../../contracts/channels.ts'
import { toComposedValue } from '../../db/json.ts'
import { queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { initialStatus } from '../../db/rules.ts'
import { MailError } from '../../errors.ts'
import { assignConversation } from '../assignment/assign.ts'
import { joinInbox } from '../contacts/contact-inboxes.ts'
import { nextDisplayId } from '../display-id.ts'
import { noteAssigned } from '../notices/assigned.ts'
import type { Performer } from '../performer.ts'
import type { VisibleInboxes } from '../records/access.ts'
import type { Saved } from '../records/problem.ts'
import type { ConversationStatus, Json } from '../records/rows.ts'
import { findTooMuch } from '../records/save.ts'
import { findWritten, noteWritten } from '../retries/retry-guards.ts'
import { type WriteDeps, writeMessage } from './create-message.ts'
import type { NewMessage } from './new-message.ts'

export interface NewConversation {
  readonly accountId: number
  /** With `inboxId`: the contact inbox there is found or made. Without it `sourceId` alone names the contact inbox. */
  readonly contactId: number | null
  readonly inboxId: number | null
  readonly sourceId: string | null
  /** The inboxes that the agent sees. */
  readonly visibleInboxes: VisibleInboxes
  readonly status: ConversationStatus | null
  readonly snoozedUntil: Date | null
  readonly assigneeId: number | null
  readonly teamId: number | null
  readonly additionalAttributes: Json
  readonly customAttributes: Json
  /** An unproven visitor begins it: answers go to the address that the visitor claims, if any, not to the contact's. */
  readonly byUnprovenVisitor?: boolean
  readonly by: Performer
  /** Made for the inbox's channel type, which only the contact inbox knows. */
  readonly firstMessage: ((channelType: string) => NewMessage) | null
}

export type CreatedConversation = Saved<{ readonly displayId: number }> | 'not-found' | 'not-visible'

interface MessageConversation {
  readonly contact_inbox_id: number
  readonly contact_id: number
  readonly inbox_id: number
  readonly channel_type: string
  readonly blocked: boolean
  readonly lock_to_single_conversation: boolean
  readonly email: string | null
}

/**
 * Makes the conversation, or finds the one that the inbox keeps for this contact; all or nothing. Throws
 * `MailError('malformed')` with a sentence for people.
 */
export async function createConversation(deps: WriteDeps, conversation: NewConversation): Promise<CreatedConversation> {
  const problems = findTooMuch(conversation)
  if (problems.length > 0) return { problems }
  const outcome = await withDeadlockRetry(deps.pool, (tx) => createOnce(tx, conversation, deps))
  if (typeof outcome === 'string') return outcome
  if (outcome.queued) deps.wake()
  return { saved: { displayId: outcome.displayId } }
}

// A retry gets the conversation that the request made.
async function createOnce(tx: Tx, conversation: NewConversation, deps: WriteDeps) {
  const { guards = [] } = deps
  const known = await findWritten(tx, guards, 'conversation')
  if (known !== null) return findDisplayId(tx, known)
  const outcome = await create(tx, conversation, deps)
  if (typeof outcome !== 'string') await noteWritten(tx, guards, { conversationId: outcome.id })
  return outcome
}

async function create(tx: Tx, conversation: NewConversation, deps: WriteDeps) {
  if (!(await areMembers(tx, conversation))) return 'not-found'
  const target = await lockTarget(tx, conversation)
  if (typeof target === 'string') return target
  const reusable = await findReusable(tx, target)
  const { id, displayId } = reusable ?? (await insert(tx, conversation, target))
  const { queued } =
    conversation.firstMessage === null
      ? { queued: false }
      : await writeMessage(tx, id, { ...deps, message: conversation.firstMessage(target.channel_type) })
  if (reusable === null && conversation.assigneeId !== null)
    await noteAssigned(
      tx,
      { conversationId: id, userId: conversation.assigneeId },
      { by: conversation.by, isNew: true },
    )
  if (reusable === null) await assignConversation(tx, id)
  return { id, displayId, queued }
}

async function findDisplayId(tx: Tx, id: number) {
  const row = await queryOne<{ displayId: number }>(
    tx,
    'select display_id as "displayId" from conversations where id = $1',
    [id],
  )
  return row === null ? ('not-found' as const) : { id, ...row, queued: false }
}

async function areMembers(tx: Tx, { accountId, assigneeId, teamId }: NewConversation): Promise<boolean> {
  const row = await queryOne<{ known: boolean }>(
    tx,
    `select ($2::int is null or exists (select 1 from account_users where account_id = $1 and user_id = $2))
        and ($3::int is null or exists (select 1 from teams where account_id = $1 and id = $3)) as known`,
    [accountId, assigneeId, teamId],
  )
  return row?.known ?? false
}

async function lockTarget(
  tx: Tx,
  conversation: NewConversation,
): Promise<MessageConversation | 'not-found' | 'not-visible'> {
  const { accountId, contactId, inboxId, sourceId, visibleInboxes } = conversation
  const sees = (id: number) => visibleInboxes === null || visibleInboxes.includes(id)
  if (contactId === null || inboxId === null) {
    const target =
      sourceId === null
        ? null
        : await findTarget(
            tx,
            'ci.source_id = $1 and i.account_id = $2 and ($3::int is null or i.id = $3) and ($4::int is null or ' +
              'ci.contact_id = $4)',
            [sourceId, accountId, inboxId, contactId],
          )
    if (target === null) return 'not-found'
    return sees(target.inbox_id) ? target : 'not-visible'
  }
  const known = await queryOne(
    tx,
    'select 1 from inboxes i, contacts c where i.id = $1 and i.account_id = $3 and c.id = $2 and c.account_id = $3',
    [inboxId, contactId, accountId],
  )
  if (known === null) return 'not-found'
  if (!sees(inboxId)) return 'not-visible'
  return (await findTarget(tx, 'ci.id = $1', [await joinInbox(tx, { contactId, inboxId, sourceId })])) ?? 'not-found'
}

function findTarget(tx: Tx, where: string, values: readonly unknown[]): Promise<MessageConversation | null> {
  return queryOne<MessageConversation>(
    tx,
    `
      select
        ci.id as contact_inbox_id,
        ci.contact_id,
        ci.inbox_id,
        ch.channel_type,
        c.blocked,
        i.lock_to_single_conversation,
        c.email
      from contact_inboxes ci
      join contacts c on c.id = ci.contact_id
      join inboxes i on i.id = ci.inbox_id
      join channels ch on ch.id = i.channel_id
      where ${where}
      order by ci.id
      limit 1
    `,
    values,
  )
}

// An inbox locked to a single conversation continues the last one; email never does. A simultaneous request waits, and
// finds it.
async function findReusable(tx: Tx, target: MessageConversation): Promise<{ id: number; displayId: number } | null> {
  if (!target.lock_to_single_conversation || isEmail(target.channel_type)) return null
  await tx.query('select 1 from contact_inboxes where id = $1 for no key update', [target.contact_inbox_id])
  return queryOne(
    tx,
    'select id, display_id as "displayId" from conversations where contact_inbox_id = $1 order by id desc limit 1',
    [target.contact_inbox_id],
  )
}

async function insert(
  tx: Tx,
  conversation: NewConversation,
  target: MessageConversation,
): Promise<{ id: number; displayId: number }> {
  const displayId = await nextDisplayId(tx, conversation.accountId)
  const row = await queryOne<{ id: number }>(
    tx,
    `
      insert into conversations (
        display_id,
        account_id,
        inbox_id,
        contact_id,
        contact_inbox_id,
        status,
        snoozed_until,
        assignee_id,
        team_id,
        additional_attributes,
        custom_attributes,
        recipient_email,
        waiting_since,
        updated_at
      )
      select
        $1,
        $2,
        $3,
        $4,
        $5,
        initial.status,
        case when initial.status = 'snoozed' then $7::timestamptz end,
        $8::int,
        $9::int,
        $10::jsonb,
        $11::jsonb,
        $12,
        now(),
        now()
      from (select ${initialStatus({ isBlocked: '$13::boolean', asked: '$6::text', inboxId: '$3' })} as status) initial
      returning id
    `,
    [
      displayId,
      conversation.accountId,
      target.inbox_id,
      target.contact_id,
      target.contact_inbox_id,
      conversation.status,
      conversation.snoozedUntil,
      conversation.assigneeId,
      conversation.teamId,
      JSON.stringify(toComposedValue(conversation.additionalAttributes)),
      JSON.stringify(toComposedValue(conversation.customAttributes)),
      conversation.byUnprovenVisitor === true ? null : target.email,
      target.blocked,
    ],
  )
  if (row === null) throw new MailError('unexpected', 'a new conversation has no row')
  return { id: row.id, displayId }
}
