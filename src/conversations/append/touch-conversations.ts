// Effects of new messages on their conversations: activity, waiting time, reopening, first reply.

import { columns } from '../../db/columns.ts'
import { toSearchedText } from '../../db/json.ts'
import { pipelined, statement, type Tx } from '../../db/pool.ts'
import { ownMessageId, reopenedStatus } from '../../db/rules.ts'
import { noteAuthenticated } from '../contacts/addresses.ts'
import type { Ready } from './append-message.ts'

const touched = columns({
  conversation_id: 'int',
  reopens: 'bool',
  waits: 'bool',
  answers: 'bool',
  sender_id: 'int',
  wrote_from: 'text',
  answers_to: 'text',
  is_verified: 'bool',
})

const writtenFrom = touched.from('n', {
  only: ['conversation_id', 'sender_id', 'wrote_from', 'answers_to', 'is_verified'],
  ordinality: 'position',
})

const touchSql = statement(`with new as (
    select conversation_id,
      bool_or(reopens) as reopens,
      bool_or(waits) as waits,
      bool_or(answers) as answers,
      bool_or(not answers) as hears,
      array_agg(sender_id) filter (where not answers) as senders,
      bool_or(wrote_from is not null) as is_written
    from ${touched.from('n')}
    group by conversation_id
  )
  update conversations c set
    last_activity_at = now(),
    updated_at = now(),
    last_incoming_at = case when new.hears then now() else c.last_incoming_at end,
    recipient_email = case when new.is_written then coalesce(w.recipient, c.recipient_email) else c.recipient_email end,
    status = case
      when not wakes then c.status
      else (${reopenedStatus('c')})::conversation_status
    end,
    snoozed_until = case when wakes then null else c.snoozed_until end,
    waiting_since = case
      when new.answers then null
      when new.waits then coalesce(c.waiting_since, now())
      else c.waiting_since
    end,
    first_reply_created_at = case
      when new.answers then coalesce(c.first_reply_created_at, now())
      else c.first_reply_created_at
    end
  from new
    join conversations o on o.id = new.conversation_id,
    lateral (
      select new.reopens and o.status in ('resolved', 'snoozed')
          and not exists (
            select 1 from contacts k
            where (k.id = o.contact_id or k.id = any(new.senders)) and k.blocked
          ) as wakes,
        (
          select case
              when n.is_verified or n.answers_to = o.recipient_email then coalesce(n.answers_to, n.wrote_from)
              else n.wrote_from
            end
          from ${writtenFrom}
          where new.is_written and n.conversation_id = o.id and n.wrote_from is not null
            and (n.sender_id = o.contact_id or o.recipient_email is null)
          order by n.position desc
          limit 1
        ) as recipient
    ) w
  where c.id = new.conversation_id
  returning c.id, w.wakes`)

const touchContactsSql = statement(
  `
    update contacts
    set last_activity_at = now()
    where id in (select id from contacts where id = any($1) order by id for no key update)
  `,
)

const newParticipants = columns({ conversation_id: 'int', contact_id: 'int' })

const participantsSql = statement(`
  insert into conversation_contacts (conversation_id, contact_id)
  select distinct c.id, w.contact_id
  from ${newParticipants.from('w')}
  join conversations c on c.id = w.conversation_id
  where c.contact_id <> w.contact_id
  on conflict do nothing
`)

/**
 * Incoming mail reopens resolved and snoozed conversations, except those of blocked contacts; automatic mail reopens
 * nothing. Replies go to the address from which the conversation's contact wrote last, or, if that mail is verified or
 * its Reply-To is where they go already, to its Reply-To. If they went to an address that
 * a visitor only named, they go to the sender who answered our mail, and later claims of the visitor change nothing.
 * Returns the ids of the reopened conversations.
 */
export async function touchConversations(tx: Tx, ready: readonly Ready[]): Promise<number[]> {
  if (ready.length === 0) return []
  const contacts = ready
    .filter(({ request }) => request.decision.action === 'append')
    .flatMap(({ senderId }) => (senderId === null ? [] : [senderId]))
  const results = await pipelined({
    conversations: tx.query<{ id: number; wakes: boolean }>(
      touchSql(
        touched.values(
          ready.map((one) => {
            const { decision } = one.request
            return {
              conversation_id: decision.conversationId,
              reopens: decision.action === 'append' && decision.reopens,
              waits: decision.action === 'append' && !decision.marks.autoReply,
              answers: decision.action === 'append-as-agent',
              sender_id: one.senderId,
              wrote_from: addressOf(one),
              answers_to: answersToOf(one),
              is_verified: decision.marks.verified,
            }
          }),
        ),
      ),
    ),
    authenticated: noteAuthenticated(tx, authenticatedOf(ready)),
    contacts: contacts.length === 0 ? null : tx.query(touchContactsSql([[...new Set(contacts)]])),
  })
  return results.conversations.rows.filter((row) => row.wakes).map((row) => row.id)
}

/** In characters, as conversations.recipient_email has them. */
const maxAddressLength = 320

// Automatic mail does not change the address for answers.
function addressOf({ request: { decision } }: Ready): string | null {
  if (decision.action !== 'append' || decision.marks.autoReply) return null
  const address = toSearchedText(decision.speaker.address).trim().toLowerCase()
  return address === '' || address.length > maxAddressLength ? null : address
}

function answersToOf({ request: { decision } }: Ready): string | null {
  const address = decision.action === 'append' ? (decision.answersTo ?? null) : null
  return address === null || address.length > maxAddressLength ? null : address
}

function authenticatedOf(ready: readonly Ready[]): { conversationId: number; email: string }[] {
  return ready.flatMap(({ request: { decision } }) =>
    decision.action === 'append' && decision.marks.verified
      ? [
          {
            conversationId: decision.conversationId,
            email: toSearchedText(decision.speaker.address).trim().toLowerCase(),
          },
        ]
      : [],
  )
}

/** Senders become participants; the conversation's own contact is one anyway. */
export async function noteParticipants(tx: Tx, ready: readonly Ready[]): Promise<void> {
  const wrote = ready.flatMap(({ request, senderId }) =>
    request.decision.action === 'append' && senderId !== null
      ? [{ conversation_id: request.decision.conversationId, contact_id: senderId }]
      : [],
  )
  if (wrote.length === 0) return
  await tx.query(participantsSql(newParticipants.values(wrote)))
}

/**
 * Gives outgoing messages the Message-ID under which they leave: known before they leave, so that an answer always
 * finds its message.
 */
export async function nameOutgoing(tx: Tx, messageIds: readonly number[], defaultDomain: string): Promise<void> {
  if (messageIds.length === 0) return
  await tx.query(
    `
      update messages m
      set source_id =
        ${ownMessageId({ uuid: 'c.uuid', messageId: 'm.id', domain: 'coalesce(a.domain, $2)' })}
      from conversations c, accounts a
      where m.id = any($1) and c.id = m.conversation_id and a.id = m.account_id
    `,
    [messageIds, defaultDomain],
  )
}
