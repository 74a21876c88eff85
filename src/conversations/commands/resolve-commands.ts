// What the commands of an agent's mail mean in a conversation, or in a new one of an inbox: agents and teams by their
// names, labels, addresses, times. A name that fits several, or none, is a problem; nothing is guessed.

import type { CommandAction } from '../../contracts/agent-commands.ts'
import { isEmail } from '../../contracts/channels.ts'
import { queryOne, type Sql } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'
import type { Command, CommandProblem, CommandRequest } from '../../mail/commands/command.ts'
import { isNear } from '../../mail/commands/near.ts'
import type { Mailbox } from '../../mail/parsed-mail.ts'
import { cleanLabels, maxLabels } from '../actions/describe.ts'
import { findSuppressed } from '../life-line/suppress.ts'
import { settleRecipients } from '../messages/recipients.ts'
import { findOwnAddresses } from '../messages/reply-recipients.ts'
import type { Json } from '../records/rows.ts'
import { begunPerHour, countBegun } from './begun-lately.ts'
import { findAgents, findTeams, type Named } from './find-by-name.ts'
import { snoozedUntil } from './snoozed-until.ts'

export interface CommandQuestion {
  readonly about: { readonly conversationId: number } | { readonly inboxId: number }
  readonly userId: number
  readonly commands: readonly Command[]
}

type Meaning =
  | { readonly action: CommandAction }
  | { readonly cc: readonly string[] }
  | { readonly to: Mailbox }
  | { readonly why: string; readonly instead: string }
type Resolved = Exclude<Meaning, { readonly why: string }> | { readonly problem: CommandProblem }

interface Facts {
  /** False: the commands are for a new one. */
  readonly is_conversation: boolean
  readonly account_id: number
  readonly labels: readonly string[]
  readonly known_labels: readonly string[]
  readonly channel_type: string
  readonly timezone: string
  readonly account_settings: Json
}

interface Asked extends Pick<CommandQuestion, 'userId'> {
  readonly sql: Sql
  readonly facts: Facts
  readonly replyDomain: string
  /** Of the commands before. */
  readonly copies: readonly string[]
}

/** One answer for each command, in their order. Throws `MailError` when the conversation or inbox is gone. */
export async function resolveCommands(
  { sql, replyDomain }: Pick<Asked, 'sql' | 'replyDomain'>,
  { about, userId, commands }: CommandQuestion,
): Promise<Resolved[]> {
  const conversationId = 'conversationId' in about ? about.conversationId : null
  const inboxId = 'inboxId' in about ? about.inboxId : null
  const facts = await queryOne<Facts>(sql, factsSql, [conversationId, inboxId])
  if (facts === null) throw new MailError('not-found', 'the conversation or inbox of commands by mail is gone')
  const resolved: Resolved[] = []
  for (const { said, request } of commands) {
    const copies = resolved.flatMap((one) => ('cc' in one ? one.cc : []))
    const meaning = await resolve({ sql, facts, replyDomain, userId, copies }, request)
    if (meaning !== null) resolved.push('why' in meaning ? { problem: { said, ...meaning } } : meaning)
    else resolved.push({ cc: [] })
  }
  return resolved
}

const factsSql = `
  select
    c.id is not null as is_conversation,
    i.account_id,
    coalesce(c.labels, '{}') as labels,
    array(
      select l.title
      from labels l
      where l.account_id = i.account_id
      order by l.title
      limit 1000
    ) as known_labels,
    ch.channel_type,
    i.timezone,
    a.settings as account_settings
  from inboxes i
  left join conversations c on c.id = $1 and c.inbox_id = i.id
  join channels ch on ch.id = i.channel_id
  join accounts a on a.id = i.account_id
  where i.id = coalesce($2, (select inbox_id from conversations where id = $1))
`

// Null: the command changes what becomes of the words, and nothing else.
async function resolve(asked: Asked, request: CommandRequest): Promise<Meaning | null> {
  switch (request.kind) {
    case 'private':
      return null
    case 'status':
      return { action: { ...request, snoozedUntil: null } }
    case 'snooze':
      return resolveSnooze(asked, request)
    case 'assign':
      return resolveAgent(asked, request.to)
    case 'team':
      return resolveTeam(asked, request.name)
    case 'label':
      return resolveLabels(asked.facts, request)
    case 'cc':
      return resolveCopies(asked, request.addresses)
    case 'to':
      return resolveContact(asked, request.mailbox)
    default:
      return { action: request }
  }
}

async function resolveSnooze(
  { sql, facts }: Asked,
  { until }: Extract<CommandRequest, { kind: 'snooze' }>,
): Promise<Meaning> {
  const at = await snoozedUntil(sql, until, { inbox: facts.timezone, settings: facts.account_settings })
  return at === null
    ? { why: 'that time is over', instead: 'Write a time to come, such as #snooze tomorrow.' }
    : { action: { kind: 'status', status: 'snoozed', snoozedUntil: at } }
}

async function resolveAgent(
  { sql, facts, userId }: Asked,
  to: Extract<CommandRequest, { kind: 'assign' }>['to'],
): Promise<Meaning> {
  if (typeof to === 'string') return { action: { kind: 'assign', agentId: to === 'me' ? userId : null } }
  const found = await findAgents(sql, facts.account_id, to.name)
  const [agent] = found
  if (agent !== undefined && found.length === 1) return { action: { kind: 'assign', agentId: agent.id } }
  return {
    why: found.length === 0 ? `no agent is called “${to.name}”` : `it may mean ${listOf(found)}`,
    instead: 'Write the address of the agent, such as #assign anna@example.com.',
  }
}

async function resolveTeam({ sql, facts }: Asked, name: string | null): Promise<Meaning> {
  if (name === null) return { action: { kind: 'team', teamId: null } }
  const found = await findTeams(sql, facts.account_id, name)
  const [team] = found
  if (team !== undefined && found.length === 1) return { action: { kind: 'team', teamId: team.id } }
  return {
    why: found.length === 0 ? `no team is called “${name}”` : `it may mean ${listOf(found)}`,
    instead: 'Write the whole name of a team of the account.',
  }
}

const maxListed = 10

function listOf(found: readonly Named[]): string {
  const more = found.length > maxListed ? [`${String(found.length - maxListed)} more`] : []
  return [...found.slice(0, maxListed).map(({ shown }) => shown), ...more].join(' or ')
}

// While the account has no labels, any word is one, as in the API; else a mistyped one would become a new one.
function resolveLabels(facts: Facts, request: Extract<CommandRequest, { kind: 'label' }>): Meaning {
  const labels = cleanLabels(request.labels)
  const known = [...facts.known_labels, ...facts.labels]
  const odd = facts.known_labels.length === 0 ? undefined : labels.find((label) => !known.includes(label))
  if (odd !== undefined) {
    const near = known.find((label) => isNear(odd, label))
    const instead = near === undefined ? `Labels are ${known.slice(0, maxListed).join(', ')}.` : `Did you mean ${near}?`
    return { why: `the account has no label “${odd}”`, instead }
  }
  const isTooMany = request.isThere && new Set([...facts.labels, ...labels]).size > maxLabels
  return isTooMany
    ? { why: `a conversation has at most ${String(maxLabels)} labels`, instead: 'Remove some first.' }
    : { action: { ...request, labels } }
}

// Whom a new conversation may be with: anyone outside the team whom the account mails.
async function resolveContact({ sql, facts, replyDomain, userId }: Asked, to: Mailbox): Promise<Meaning> {
  if (facts.is_conversation)
    return {
      why: 'it begins a conversation, and this mail answers one',
      instead: 'Leave it out, or write to your address for new conversations.',
    }
  const { address } = to
  const instead = 'Write #to and the address of the customer.'
  if ((await findOwnAddresses(sql, facts.account_id, [address])).size > 0)
    return { why: `${address} is an address of your team, and not of a customer`, instead }
  if ((await findSuppressed(sql, facts.account_id, [address])).length > 0)
    return {
      why: `${address} is a suppressed address of this account, to which nothing is sent`,
      instead: 'Write to another address, or ask an administrator to remove it from the list.',
    }
  if ((await countBegun(sql, facts.account_id, userId)) >= begunPerHour)
    return {
      why: `you have begun ${String(begunPerHour)} conversations by mail within the last hour`,
      instead: 'Send it again later.',
    }
  const settled = await settle({ sql, replyDomain }, { to_emails: [address] }, instead)
  return 'why' in settled ? settled : { to }
}

// All copies of the answer together: their number is limited.
async function resolveCopies(
  { sql, facts, replyDomain, copies }: Asked,
  addresses: readonly string[],
): Promise<Meaning> {
  if (!isEmail(facts.channel_type)) return { why: 'it works in email inboxes only', instead: 'Leave it out.' }
  const settled = await settle(
    { sql, replyDomain },
    { cc_emails: [...copies, ...addresses] },
    'Name other addresses, or leave #cc out.',
  )
  if ('why' in settled) return settled
  return { cc: (settled.recipients['cc_emails'] as string[]).slice(copies.length) }
}

async function settle(
  { sql, replyDomain }: Pick<Asked, 'sql' | 'replyDomain'>,
  named: Json,
  instead: string,
): Promise<{ readonly recipients: Json } | { readonly why: string; readonly instead: string }> {
  try {
    return { recipients: await settleRecipients(sql, answerTo(named), replyDomain) }
  } catch (error) {
    if (error instanceof MailError && error.kind === 'malformed') return { why: error.publicMessage, instead }
    throw error
  }
}

const answerTo = (contentAttributes: Json) =>
  ({
    content: null,
    messageType: 'outgoing',
    private: false,
    contentType: 'text',
    contentAttributes,
    additionalAttributes: {},
    sourceId: null,
    attachments: [],
    author: null,
  }) as const
