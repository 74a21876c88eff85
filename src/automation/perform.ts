// Performs the actions of automation rules as an agent would by hand, in the rule's transaction: changes of the
// conversation, messages, and mail and webhooks as work that runs after the commit.

import { createHash, randomUUID } from 'node:crypto'

import { setAssignment } from '../conversations/actions/assign.ts'
import { setStatus } from '../conversations/actions/change-status.ts'
import { type Priority, setLabels, setPriority } from '../conversations/actions/describe.ts'
import { setMuted } from '../conversations/actions/mute.ts'
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

export type RuleRun = Deps & { readonly ruleId: number; readonly event: EventRow }

/** One action of a rule on the locked conversation. */
interface Step {
  readonly tx: Tx
  readonly locked: LockedConversation
  readonly params: readonly unknown[]
  readonly run: RuleRun
}

const by = ({ ruleId }: RuleRun) => ({ kind: 'automation_rule', id: ruleId }) as const

const changeTo =
  (status: ConversationStatus) =>
  async ({ tx, locked, run }: Step): Promise<void> => {
    if (locked.status !== status) await setStatus(tx, locked, { status, snoozedUntil: null, by: by(run) })
  }

const performs: Readonly<Record<ActionName, (step: Step) => Promise<unknown>>> = {
  assign_agent: ({ tx, locked, params: [id], run }) =>
    setAssignment(tx, locked, { to: { agentId: id === 'nil' ? null : Number(id) }, by: by(run) }),
  assign_team: ({ tx, locked, params: [id], run }) =>
    setAssignment(tx, locked, { to: { teamId: Number(id) }, by: by(run) }),
  remove_assigned_team: ({ tx, locked, run }) => setAssignment(tx, locked, { to: { teamId: null }, by: by(run) }),
  add_label: ({ tx, locked, params, run }) =>
    setLabels(tx, locked, { labels: [...locked.labels, ...params.map(String)], by: by(run) }),
  remove_label: ({ tx, locked, params, run }) =>
    setLabels(tx, locked, {
      labels: locked.labels.filter((label) => !params.some((one) => String(one).trim().toLowerCase() === label)),
      by: by(run),
    }),
  send_message: (step) => write(step, { content: String(step.params[0]) }),
  send_attachment: sendFiles,
  add_private_note: (step) => write(step, { content: String(step.params[0]), private: true }),
  send_email_to_team: notifyTeams,
  send_email_transcript: sendTranscripts,
  mute_conversation: ({ tx, locked, run }) => setMuted(tx, locked, by(run)),
  snooze_conversation: changeTo('snoozed'),
  resolve_conversation: changeTo('resolved'),
  open_conversation: changeTo('open'),
  pending_conversation: changeTo('pending'),
  change_status: (step) => changeTo(step.params[0] as ConversationStatus)(step),
  change_priority: ({ tx, locked, params: [priority], run }) =>
    setPriority(tx, locked, {
      priority: priority === 'nil' || priority === 'null' ? null : (priority as Priority),
      by: by(run),
    }),
  send_webhook_event: notifyWebhook,
}

/** Performs one action on the conversation as it is now. */
export async function perform(tx: Tx, { name, params }: Action, run: RuleRun): Promise<void> {
  const locked = await lockConversation(tx, run.event.conversationId ?? 0)
  if (locked !== null) await performs[name]({ tx, locked, params, run })
}

type Words = { readonly content: string | null } & Partial<Pick<NewMessage, 'private' | 'attachments'>>

async function write({ tx, locked, run }: Step, words: Words): Promise<void> {
  const message = {
    messageType: 'outgoing',
    private: false,
    contentType: 'text',
    contentAttributes: { automation_rule_id: run.ruleId },
    additionalAttributes: {},
    sourceId: null,
    attachments: [],
    author: null,
    ...words,
  } as const
  const { withheld } = await writeMessage(tx, locked.id, { ...run, message })
  if (withheld === null) return
  const facts = { rule: run.ruleId, account: locked.account_id, conversation: locked.id, why: withheld }
  run.log.warn('rule-budget', facts)
}

async function sendFiles(step: Step): Promise<void> {
  const tokens = step.params.map(String)
  if (await hasUploads(step.tx, step.locked.account_id, tokens))
    await write(step, { content: null, attachments: tokens.map((upload) => ({ upload })) })
}

// The recipients of a rule's mail: the account chose them, so it does not matter who triggers the rule. Sorted by
// address, because each is counted.
async function withinBudget<To extends { readonly email: string }>(
  tx: Tx,
  { locked, run }: Pick<Step, 'locked' | 'run'>,
  wanted: readonly To[],
): Promise<To[]> {
  const recipients: To[] = []
  for (const one of wanted.toSorted((a, b) => (a.email < b.email ? -1 : 1))) {
    const mail = { accountId: locked.account_id, mailbox: one.email, isProven: true }
    if (await takeBudget(tx, mail, run.automaticMail)) recipients.push(one)
    else run.log.warn('rule-budget', { rule: run.ruleId, account: locked.account_id, conversation: locked.id })
  }
  return recipients
}

async function notifyTeams({ tx, locked, params: [given], run }: Step): Promise<void> {
  const { team_ids: teamIds, message } = given as Json
  const { rows } = await tx.query<{ user_id: number; email: string }>(
    `select distinct m.user_id, a.email
     from team_members m
       join teams t on t.id = m.team_id
       join acting_members a on a.account_id = t.account_id and a.user_id = m.user_id
     where t.id = any($1) and t.account_id = $2`,
    [(teamIds as unknown[]).map(Number), locked.account_id],
  )
  const recipients = await withinBudget(tx, { locked, run }, rows)
  await enqueue(
    tx,
    recipients.map(({ user_id: userId }) => ({
      kind: 'notify-team',
      key: null,
      payload: { conversationId: locked.id, userId, message: String(message), token: randomUUID() },
    })),
  )
}

async function sendTranscripts({ tx, locked, params: [given], run }: Step): Promise<void> {
  const addresses = String(given)
    .split(/[,;\s]+/)
    .filter(isEmailAddress)
  const wanted = [...new Set(addresses)].slice(0, 20).map((email) => ({ email }))
  const recipients = await withinBudget(tx, { locked, run }, wanted)
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
async function notifyWebhook({ tx, locked, params: [url], run: { ruleId, event } }: Step): Promise<void> {
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
