// Appending on a test database: one account, an inbox and conversations; and requests as the pipeline
// would write them.

import type { AppendIncoming } from '../../src/contracts/decision.ts'
import { makeFirstAccount } from '../../src/conversations/people/first-start.ts'
import type { AppendRequest } from '../../src/conversations/records/append-request.ts'
import type { Pool } from '../../src/db/pool.ts'
import type { Submission } from '../../src/mail/envelope.ts'
import type { ParsedMail } from '../../src/mail/parsed-mail.ts'
import { parseMail } from '../../src/mail/parsing/parse.ts'
import { idempotencyKey } from '../../src/store/acceptance/idempotency-key.ts'
import { insertGroup } from '../../src/store/acceptance/insert-group.ts'
import { mail } from './mail.ts'
import { addConversation } from './people.ts'

export const domain = 'reply.example'

/** What an ingress passes to the store. */
export function submission(raw: Buffer, recipients: readonly string[] = [`support@${domain}`]): Submission {
  return {
    ingress: 'relay',
    envelope: { reversePath: 'jane@example.com', recipients },
    raw,
    peer: { address: null, helo: null, trusted: true },
  }
}

/** Stores a mail as an ingress does; returns its id. */
export async function store(pool: Pool, raw: Buffer): Promise<number> {
  const one = submission(raw)
  const { answers } = await insertGroup(pool, [{ submission: one, key: idempotencyKey(one) }], true)
  return answers[0]?.id ?? 0
}

/** The first account with a conversation of `email`. */
export async function createLedgerFixture(pool: Pool, email = 'carla@customer.example') {
  await makeFirstAccount(pool, domain)
  return addConversation({ pool }, email)
}

/** A stored mail with the order to append it to a conversation. */
export async function orderFor(
  pool: Pool,
  to: { readonly conversationId: number; readonly contactId: number | null },
  fields: { readonly words: string; readonly messageId?: string; readonly reusedMessageId?: boolean },
): Promise<AppendRequest<AppendIncoming> & { readonly mail: ParsedMail }> {
  const raw = mail(
    {
      From: 'carla@customer.example',
      'X-Copy': Math.random().toString(36),
      ...(fields.messageId === undefined ? {} : { 'Message-ID': `<${fields.messageId}>` }),
    },
    fields.words,
  )
  const inboundEmailId = await store(pool, raw)
  const marks = {
    autoReply: false,
    verified: false,
    viaOtherReplyAddress: false,
    reusedMessageId: fields.reusedMessageId ?? false,
  }
  const decision: AppendIncoming = {
    action: 'append',
    reason: 'thread',
    conversationId: to.conversationId,
    contactId: to.contactId,
    speaker: { address: 'carla@customer.example', name: '' },
    reopens: true,
    marks,
  }
  return { inboundEmailId, decision, mail: await parseMail(raw), raw }
}
