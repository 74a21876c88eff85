// POST …/conversations/:displayId/reply_address: for accounts that send their own mail and want the answers to it here.

import { z } from 'zod'

import type { NoReplyAddress, ReplyAddressRequest } from '../../conversations/contacts/reply-addresses.ts'
import type { Ledger } from '../../ledger.ts'
import { isEmailAddress } from '../../mail/address.ts'
import { isTokenAddress } from '../../mail/reply-address.ts'
import { notFound, unprocessable } from '../input/fault.ts'
import { filledText, recordId } from '../input/fields.ts'
import { id, text } from '../present/kinds.ts'
import { forMemberOrBot, type Given, type MemberOrBotRequest, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

const takes = { contact_id: recordId, email: filledText, expires_in_days: filledText }
const answer = z.object({
  reply_address: text,
  expires_at: z.iso.datetime(),
  recipient: z.object({ contact_id: id, email: text }),
  message_id_root: text,
  headers: z.object({ 'Reply-To': text, 'In-Reply-To': text, References: text }),
})

const refusals: Readonly<Record<Exclude<NoReplyAddress, 'no-contact' | 'unknown-address'>, string>> = {
  'no-address': 'There is no recipient: give an email, or a contact_id whose contact has an email',
  agent: 'email is the address of an agent of this account: mail from it would be held. Name the address of a contact.',
  'feature-off': 'This account does not receive mail: the feature inbound_emails is off',
}

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'replyAddresses' | 'contacts'>
}

export function replyAddressRoutes({ ledger }: Deps): Route[] {
  return [
    forMemberOrBot(
      'POST /conversations/:displayId/reply_address',
      {
        tag: 'Conversations',
        summary: 'Create a reply address for mail that you send yourself',
        takes,
        answer,
      },
      (request) => issue(ledger, request),
    ),
  ]
}

async function issue(ledger: Deps['ledger'], request: MemberOrBotRequest & { readonly given: Given<typeof takes> }) {
  const { contact_id: contactId, expires_in_days: days } = request.given
  const conversation = await getConversation(ledger.conversations, request)
  const wanted = {
    accountId: conversation.accountId,
    conversationId: conversation.id,
    contactId: contactId ?? null,
    email: parseEmail(request.given.email),
    days: parseDays(days),
  }
  const first = await ledger.replyAddresses.issue(wanted)
  const issued = first === 'unknown-address' ? await issueToNew(ledger, wanted) : first
  if (issued === 'no-contact' || issued === 'unknown-address') throw notFound()
  if (typeof issued === 'string') throw unprocessable(refusals[issued])
  const root = `<${issued.root}>`
  return {
    reply_address: issued.address,
    expires_at: issued.expiresAt.toISOString(),
    recipient: { contact_id: issued.contactId, email: issued.email },
    message_id_root: root,
    headers: { 'Reply-To': issued.address, 'In-Reply-To': root, References: root },
  }
}

// Each recipient becomes a contact with a reply address of their own, so their answers carry their own identity.
async function issueToNew({ contacts, replyAddresses }: Deps['ledger'], wanted: ReplyAddressRequest) {
  const email = wanted.email ?? ''
  await contacts.createContact(wanted.accountId, { email, name: email.slice(0, email.indexOf('@')) }, null)
  return replyAddresses.issue(wanted)
}

function parseEmail(given: string | undefined): string | null {
  const email = given?.trim().toLowerCase() ?? null
  if (email === null) return null
  if (!isEmailAddress(email)) throw unprocessable('email is not an email address')
  if (isTokenAddress(email)) throw unprocessable('email is a reply address: answers to it would come back here')
  return email
}

const maxDays = 3650

function parseDays(given: string | undefined): number | null {
  if (given === undefined) return null
  const days = /^\d{1,4}$/.test(given.trim()) ? Number(given) : 0
  if (days < 1 || days > maxDays)
    throw unprocessable(`expires_in_days must be a whole number from 1 to ${String(maxDays)}`)
  return days
}
