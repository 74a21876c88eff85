// A member of routing's `Lookup` contract that keeps the ledger in memory: two accounts, a conversation each, their
// people and addresses.

import type { Verdict } from '../../../src/contracts/decision.ts'
import { asciiDomain } from '../../../src/mail/address.ts'
import type { Peer } from '../../../src/mail/envelope.ts'
import { digestMail } from '../../../src/mail/message-text.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'
import type {
  AccountFacts,
  ConversationFacts,
  InboxFacts,
  Lookup,
  NewAddressFacts,
  ThreadFacts,
  TokenFacts,
} from '../../../src/routing/lookup.ts'
import { route } from '../../../src/routing/route.ts'

/** 32 hex digits made of one. */
export const hex = (digit: string): string => digit.repeat(32)

export const sharedDomain = 'reply.localhost'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Whatever is set here counts at the next question. */
export function createLedger() {
  const acme: Mutable<AccountFacts> = {
    id: 1,
    active: true,
    inboundEmails: true,
    domain: 'reply.acme.example',
    formerDomains: [],
    keepsOtherSenders: false,
  }
  const bolt: Mutable<AccountFacts> = {
    id: 2,
    active: true,
    inboundEmails: true,
    domain: 'reply.bolt.example',
    formerDomains: [],
    keepsOtherSenders: false,
  }
  const conversation: ConversationFacts = { id: 10, displayId: 5, account: acme, inboxId: 30, contactId: 100 }
  const second: ConversationFacts = { id: 11, displayId: 6, account: acme, inboxId: 30, contactId: 100 }
  const foreign: ConversationFacts = { id: 20, displayId: 1, account: bolt, inboxId: 40, contactId: 200 }
  const token = (digit: string, facts: Partial<TokenFacts>): TokenFacts => ({
    token: hex(digit),
    role: 'contact',
    state: 'live',
    conversation,
    contactId: 100,
    userId: null,
    messageId: null,
    email: null,
    ...facts,
  })
  const tokens: TokenFacts[] = [
    token('a', {}),
    token('b', { role: 'agent', contactId: null, userId: 7 }),
    token('c', { role: 'bounce', contactId: null, messageId: 900 }),
    token('d', { state: 'expired' }),
    token('e', { state: 'revoked' }),
    token('f', { role: 'agent', state: 'expired', contactId: null, userId: 7 }),
    token('1', { conversation: second }),
    token('2', { conversation: foreign, contactId: 200 }),
    token('3', { role: 'bounce', conversation: foreign, contactId: null, messageId: 950 }),
  ]
  const inbox = (id: number, name: string, address: string, account: AccountFacts): InboxFacts => ({
    id,
    name,
    address,
    ownAddresses: [address],
    account,
  })
  const inboxes: InboxFacts[] = [
    inbox(30, 'Support', 'support@acme.example', acme),
    inbox(31, 'Sales', 'sales@acme.example', acme),
    inbox(40, 'Help', 'help@bolt.example', bolt),
  ]
  const begins: NewAddressFacts[] = inboxes
    .slice(0, 1)
    .map((support) => ({ token: hex('7'), userId: 7, inbox: support }))
  const messages: {
    id: number
    sourceId: string
    outgoing: boolean
    digest: string | null
    conversation: ConversationFacts
  }[] = [
    {
      id: 899,
      sourceId: 'jane-1@customer.example',
      outgoing: false,
      digest: digestMail({
        from: { name: '', address: 'jane@customer.example' },
        text: 'Where is my order?',
        replyText: 'Where is my order?',
        attachments: [],
      }),
      conversation,
    },
    { id: 900, sourceId: 'out-900@reply.acme.example', outgoing: true, digest: null, conversation },
    { id: 950, sourceId: 'out-950@reply.bolt.example', outgoing: true, digest: null, conversation: foreign },
  ]
  /** A conversation by the id that stands in every mail of it. */
  const roots: ThreadFacts[] = [
    { sourceId: 'account/1/conversation/5e1f@reply.acme.example', messageId: null, outgoing: false, conversation },
  ]
  const people: {
    account: number
    address: string
    agentId: number | null
    contactId: number | null
    takesPartIn: readonly number[]
  }[] = [
    { account: 1, address: 'jane@customer.example', agentId: null, contactId: 100, takesPartIn: [10, 11] },
    { account: 1, address: 'jane@home.example', agentId: null, contactId: 100, takesPartIn: [10, 11] },
    { account: 1, address: 'known@customer.example', agentId: null, contactId: 101, takesPartIn: [] },
    { account: 1, address: 'gus@staff.example', agentId: 7, contactId: null, takesPartIn: [] },
    { account: 1, address: 'ida@staff.example', agentId: 8, contactId: null, takesPartIn: [] },
    { account: 2, address: 'bob@customer.example', agentId: null, contactId: 200, takesPartIn: [20] },
  ]
  const lookup: Lookup = {
    sharedDomain,
    findTokens: async (wanted) => tokens.filter((facts) => wanted.includes(facts.token)),
    findInboxes: async (addresses) => inboxes.filter((inbox) => addresses.includes(inbox.address)),
    findNewAddresses: async (wanted) => begins.filter((one) => wanted.includes(one.token)),
    findThreads: async (ids) =>
      [
        ...messages.map(({ id, sourceId, outgoing, conversation: of }) => ({
          sourceId,
          messageId: id,
          outgoing,
          conversation: of,
        })),
        ...roots,
      ].filter((thread) => ids.includes(thread.sourceId)),
    findSpeaker: async ({ accountId, conversationId, address }) => {
      const person = people.find((known) => known.account === accountId && known.address === address)
      return {
        agentId: person?.agentId ?? null,
        contactId: person?.contactId ?? null,
        takesPart: conversationId !== null && (person?.takesPartIn.includes(conversationId) ?? false),
        isBlocked: address === 'pest@spam.example',
      }
    },
    findMessage: async (conversationId, sourceId) =>
      messages.find((message) => message.conversation.id === conversationId && message.sourceId === sourceId) ?? null,
    findBegun: async () => null,
    findCopies: async () => [],
    resolveCommands: async ({ commands }) =>
      commands.map(({ said, request }) => {
        if (request.kind === 'team')
          return { problem: { said, why: 'no team is called that', instead: 'Name another.' } }
        if (request.kind === 'to') return { to: request.mailbox }
        return { action: { kind: 'status', status: 'resolved', snoozedUntil: null } }
      }),
    findRecipients: async (messageId) => (messageId === 900 ? ['jane@customer.example'] : ['bob@customer.example']),
    isOwnDomain: async (domain) => [acme.domain, bolt.domain, sharedDomain].includes(asciiDomain(domain)),
  }
  return { acme, bolt, conversation, second, foreign, tokens, inboxes, messages, people, lookup }
}

export type Ledger = ReturnType<typeof createLedger>

/** A stored mail, in few words. */
export interface Arriving {
  /**
   * Header fields, one string a field; `From`, `Message-ID` and `Subject` stand there unless they are given, `null`
   * leaves From out.
   */
  readonly from?: string | null
  readonly fields?: readonly string[]
  readonly text?: string
  /** Envelope recipients; none by default, as over a plain relay. */
  readonly to?: readonly string[]
  readonly reversePath?: string | null
  readonly peer?: Partial<Peer>
  /** AUTHSERV_ID of the installation. */
  readonly authservId?: string | null
}

export const authservId = 'mx.acme.example'

/** The octets of a mail. */
function rawOf({ from = 'Jane <jane@customer.example>', fields = [], text = 'It has arrived.' }: Arriving): Buffer {
  const has = (name: string): boolean => fields.some((field) => field.toLowerCase().startsWith(`${name}:`))
  const head = [
    ...(from === null ? [] : [`From: ${from}`]),
    ...(has('message-id') ? [] : ['Message-ID: <new-1@customer.example>']),
    ...(has('subject') ? [] : ['Subject: Re: Order']),
    ...fields,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}\r\n`)
}

/** What routing says of it, by way of the real parser. */
export async function judge(ledger: Ledger, arriving: Arriving): Promise<Verdict> {
  const reversePath = arriving.reversePath ?? 'jane@customer.example'
  const mail = await parseMail(rawOf(arriving), { reversePath })
  const peer = { address: '127.0.0.1', helo: null, trusted: true, ...arriving.peer }
  const policy = { authservId: arriving.authservId === undefined ? authservId : arriving.authservId }
  const input = { envelope: { reversePath, recipients: arriving.to ?? [] }, peer, mail, readMail: parseMail }
  return route(input, ledger.lookup, policy)
}

/** What a trusted relay writes on top. */
export const results = (what: string, by = authservId): string => `Authentication-Results: ${by}; ${what}`

export const replyTo = (digit: string, domain = 'reply.acme.example'): string => `reply+${hex(digit)}@${domain}`
export const newTo = (digit: string, domain = 'reply.acme.example'): string => `new+${hex(digit)}@${domain}`
export const bounceTo = (digit: string, domain = 'reply.acme.example'): string => `bounce+${hex(digit)}@${domain}`
