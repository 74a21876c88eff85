// Performs the actions of automation rules as an agent would by hand, in the rule's transaction: changes of the
// conversation, messages, and mail and webhooks as work that runs after the commit.

import { createHash, randomUUID } from 'node:crypto'

import { setAssignment } from '../conversations/acts/assign.ts'
import { setStatus } from '../conversations/acts/change-status.ts'
import { type Priority, setLabels, setPriority } from '../conversations/acts/describe.ts'
import { setMuted } from '../conversations/acts/mute.ts'
import { takeBudget } from '../conversations/automatic-budget.ts'
import { hasUploads } from '../conversations/files/uploads.ts'
import { lockConversation, type LockedConversation } from '../conversations/locked-conversation.ts'
import { writeMessage, type WriteOptions } from '../conversations/messages/create-message.ts'
import { type NewMessage } from '../conversations/messages/new-message.ts'
import type { ConversationStatus, Json } from '../conversations/records/rows.ts'
import type { Tx } from '../db/pool.ts'
import type { EventRow } from '../events/event-rows.ts'
import type { Log } from '../log.ts'
import { isEmailAddress } from '../mail/address.ts'
import { enqueue } from '../queue/work.ts'
import type { Action, ActionName } from './rule-fields.ts'

export type Deps = Pick<WriteOptions, 'replyDomain' | 'continuityDelayMs' | 'automaticMail'> & { readonly log: Log }

export type Acting = Deps & { readonly ruleId: number; readonly event: EventRow }

interface Act {
  readonly tx: Tx
  readonly locked: LockedConversation
  readonly params: readonly unknown[]
  readonly acting: Acting
}

const by = ({ ruleId }: Acting) => ({ kind: 'automation_rule', id: ruleId }) as const

const changeTo =
  (status: ConversationStatus) =>
  async ({ tx, locked, acting }: Act): Promise<void> => {
    if (locked.status !== status) await setStatus(tx, locked, { status, snoozedUntil: null, by: by(acting) })
  }

const acts: Readonly<Record<ActionName, (act: Act) => Promise<unknown>>> = {
  assign_agent: ({ tx, locked, params: [id], acting }) =>
    setAssignment(tx, locked, { to: { agentId: id === 'nil' ? null : Number(id) }, by: by(acting) }),
  assign_team: ({ tx, locked, params: [id], acting }) =>
    setAssignment(tx, locked, { to: { teamId: Number(id) }, by: by(acting) }),
  remove_assigned_team: ({ tx, locked, acting }) => setAssignment(tx, locked, { to: { teamId: null }, by: by(acting) }),
  add_label: ({ tx, locked, params, acting }) =>
    setLabels(tx, locked, { labels: [...locked.labels, ...params.map(String)], by: by(acting) }),
  remove_label: ({ tx, locked, params, acting }) =>
    setLabels(tx, locked, {
      labels: locked.labels.filter((label) => !params.some((one) => String(one).trim().toLowerCase() === label)),
      by: by(acting),
    }),
  send_message: (act) => write(act, { content: String(act.params[0]) }),
  send_attachment: sendFiles,
  add_private_note: (act) => write(act, { content: String(act.params[0]), private: true }),
  send_email_to_team: notifyTeams,
  send_email_transcript: sendTranscripts,
  mute_conversation: ({ tx, locked, acting }) => setMuted(tx, locked, by(acting)),
  snooze_conversation: changeTo('snoozed'),
  resolve_conversation: changeTo('resolved'),
  open_conversation: changeTo('open'),
  pending_conversation: changeTo('pending'),
  change_status: (act) => changeTo(act.params[0] as ConversationStatus)(act),
  change_priority: ({ tx, locked, params: [priority], acting }) =>
    setPriority(tx, locked, {
      priority: priority === 'nil' || priority === 'null' ? null : (priority as Priority),
      by: by(acting),
    }),
  send_webhook_event: notifyWebhook,
}

/** Performs one action on the conversation as it is now. */
export async function perform(tx: Tx, { name, params }: Action, acting: Acting): Promise<void> {
  const locked = await lockConversation(tx, acting.event.conversationId ?? 0)
  if (locked !== null) await acts[name]({ tx, locked, params, acting })
}

type Words = { readonly content: string | null } & Partial<Pick<NewMessage, 'private' | 'attachments'>>

async function write({ tx, locked, acting }: Act, words: Words): Promise<void> {
  const message = {
    messageType: 'outgoing',
    private: false,
    contentType: 'text',
    contentAttributes: { automation_rule_id: acting.ruleId },
    additionalAttributes: {},
    sourceId: null,
    attachments: [],
    author: null,
    ...words,
  } as const
  const { withheld } = await writeMessage(tx, locked.id, { ...acting, message })
  if (withheld === null) return
  const facts = { rule: acting.ruleId, account: locked.account_id, conversation: locked.id, why: withheld }
  acting.log.warn('rule-budget', facts)
}

async function sendFiles(act: Act): Promise<void> {
  const tokens = act.params.map(String)
  if (await hasUploads(act.tx, act.locked.account_id, tokens))
    await write(act, { content: null, attachments: tokens.map((upload) => ({ upload })) })
}

// The recipients of a rule's mail: the account chose them, so it does not matter who triggers the rule. Sorted by
// address, because each is counted.
async function withinBudget<To extends { readonly email: string }>(
  tx: Tx,
  { locked, acting }: Pick<Act, 'locked' | 'acting'>,
  wanted: readonly To[],
): Promise<To[]> {
  const recipients: To[] = []
  for (const one of wanted.toSorted((a, b) => (a.email < b.email ? -1 : 1))) {
    const mail = { accountId: locked.account_id, mailbox: one.email, isProven: true }
    if (await takeBudget(tx, mail, acting.automaticMail)) recipients.push(one)
    else acting.log.warn('rule-budget', { rule: acting.ruleId, account: locked.account_id, conversation: locked.id })
  }
  return recipients
}

async function notifyTeams({ tx, locked, params: [given], acting }: Act): Promise<void> {
  const { team_ids: teamIds, message } = given as Json
  const { rows } = await tx.query<{ user_id: number; email: string }>(
    `select distinct m.user_id, a.email
     from team_members m
       join teams t on t.id = m.team_id
       join acting_members a on a.account_id = t.account_id and a.user_id = m.user_id
     where t.id = any($1) and t.account_id = $2`,
    [(teamIds as unknown[]).map(Number), locked.account_id],
  )
  const recipients = await withinBudget(tx, { locked, acting }, rows)
  await enqueue(
    tx,
    recipients.map(({ user_id: userId }) => ({
      kind: 'tell-team',
      key: null,
      payload: { conversationId: locked.id, userId, message: String(message), token: randomUUID() },
    })),
  )
}

async function sendTranscripts({ tx, locked, params: [given], acting }: Act): Promise<void> {
  const addresses = String(given)
    .split(/[,;\s]+/)
    .filter(isEmailAddress)
  const wanted = [...new Set(addresses)].slice(0, 20).map((email) => ({ email }))
  const recipients = await withinBudget(tx, { locked, acting }, wanted)
  await enqueue(
    tx,
    recipients.map(({ email }) => ({
      kind: 'send-transcript',
      key: null,
      payload: { conversationId: locked.id, email, token: randomUUID() },
    })),
  )
}

// Each address is a subscriber of its own and receives an event once.
async function notifyWebhook({ tx, locked, params: [url], acting: { ruleId, event } }: Act): Promise<void> {
  const subscriber = `automation_rule:${String(ruleId)}:${createHash('md5').update(String(url)).digest('hex')}`
  await tx.query('insert into webhook_subscribers (id, account_id) values ($1, $2) on conflict do nothing', [
    subscriber,
    locked.account_id,
  ])
  await tx.query(
    `
      insert into webhook_deliveries (account_id, subscriber, event, position, key, message_id)
      select $1, $2, $3, $4, $5, $6
      where not exists (select 1 from webhook_deliveries where subscriber = $2 and position = $4)
    `,
    [
      locked.account_id,
      subscriber,
      `automation_event.${event.name}`,
      event.position,
      `conversation:${String(locked.id)}`,
      event.messageId,
    ],
  )
}
