// Finds the conversation: by reply address, else by thread, else by an inbox address; with the source of each address.

import type { LearnedRecipient } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import { findInboxes, type FoundInbox } from './by-inbox-address.ts'
import { type AddressSource, findTokens, type FoundToken, readSources } from './by-reply-address.ts'
import { addressedBy, findThreads } from './by-thread.ts'
import { conversationEntry, recipientEntry, siblingEntry, strangersEntry } from './destination-trace.ts'
import type { AccountFacts, Lookup, ThreadFacts } from './lookup.ts'
import type { RoutingInput } from './routing-input.ts'

export interface Destination {
  readonly token: FoundToken | null
  readonly thread: ThreadFacts | null
  readonly inbox: FoundInbox | null
  /** The account of the mail; null if none of its addresses is known. */
  readonly account: AccountFacts | null
  /** True if an account is among those that the mail is addressed to. */
  /** Without an envelope, addresses of several accounts, equally certain: a person decides. */
  readonly rivals: readonly string[]
  readonly addressed: (account: AccountFacts) => boolean
  readonly learned: readonly LearnedRecipient[]
  readonly siblings: readonly (readonly string[])[]
  /** Further inboxes of the envelope, which get nothing if the conversation that is named here takes the mail. */
  readonly covered: readonly FoundInbox[]
  readonly trace: readonly TraceEntry[]
}

/** Asks the three ways in order of certainty. Throws only when a lookup does. */
export async function findDestination({ envelope, mail }: RoutingInput, lookup: Lookup): Promise<Destination> {
  const sources = readSources(envelope, mail)
  const [inboxes, tokens] = await Promise.all([findInboxes(sources, lookup), findTokens(sources, lookup)])
  const { own, siblings: elsewhere } = share(tokens, inboxes)
  const { token } = own
  const reachableBy = (others: readonly (readonly string[])[]): AddressSource[] =>
    sources.map((level) => (level.source === 'envelope' ? without(level, others.flat()) : level))
  const addressed =
    token === null
      ? addressedBy(...mostCertain(reachableBy(elsewhere), own.inboxes), lookup.sharedDomain)
      : (account: AccountFacts): boolean => account.id === token.conversation.account.id
  const threads = mayAnswer(own) ? await findThreads(mail, lookup, addressed) : []
  const thread =
    threads.find(({ conversation }) => isAddressed(conversation.inboxId, own.inboxes)) ?? threads[0] ?? null
  const rivals = thread === null ? findRivals(sources, { tokens, inboxes }) : []
  if (rivals.length > 0) return nobodys(sources, rivals)
  const account = accountOf(token, own.inboxes, thread)
  const inbox = own.inboxes.find((candidate) => candidate.account.id === account?.id) ?? null
  // A conversation has the mail once; a mail that begins one begins one in each inbox.
  const begins = token === null && thread === null
  const siblings = begins ? [...elsewhere, ...otherInboxes(inbox, own.inboxes)] : elsewhere
  const reachable = reachableBy(siblings)
  const covered = own.inboxes.filter(({ id, source }) => !begins && source === 'envelope' && id !== inbox?.id)
  const learned = learnedFrom(reachable, token, own.inboxes)
  return {
    token,
    thread,
    inbox,
    account,
    rivals,
    addressed,
    learned,
    siblings,
    covered,
    trace: [
      recipientEntry(learned, token, inbox),
      ...siblingEntry(siblings),
      ...strangersEntry(sources, { tokens, inboxes }),
      conversationEntry(mail, { token, thread, inbox }),
    ],
  }
}

// Who writes to an address for new conversations alone wants a new one, whatever the mail answers.
function mayAnswer({ token, inboxes: [first] }: Share['own']): boolean {
  return token === null && (first === undefined || first.isNamed)
}

// The lists of the header are of one certainty; each field of a delivery is surer than those after it.
const certaintyOf = (source: string): string => (['to', 'cc', 'bcc'].includes(source) ? 'lists' : source)

// A header names several accounts, and no envelope says for which of them this copy is. What is written is written by
// the sender: taking the first would hand one account the mail of another.
function findRivals(
  sources: readonly AddressSource[],
  found: { readonly tokens: readonly FoundToken[]; readonly inboxes: readonly FoundInbox[] },
): string[] {
  const tokens = found.tokens.map(({ conversation, learned }) => ({
    account: conversation.account.id,
    address: learned.address,
    source: learned.learned_from,
  }))
  const inboxes = found.inboxes.map(({ account, named, source }) => ({ account: account.id, address: named, source }))
  const named = tokens.length > 0 ? tokens : inboxes
  if ([...tokens, ...inboxes].some(({ source }) => source === 'envelope')) return []
  const first = sources.find(({ source }) => named.some((one) => one.source === source))
  const mostCertain = named.filter(({ source }) => certaintyOf(source) === certaintyOf(first?.source ?? ''))
  return new Set(mostCertain.map(({ account }) => account)).size > 1 ? mostCertain.map(({ address }) => address) : []
}

function nobodys(sources: readonly AddressSource[], rivals: readonly string[]): Destination {
  const certain = sources.flatMap(({ source, addresses }) =>
    addresses.filter((address) => rivals.includes(address)).map((address) => ({ address, learned_from: source })),
  )
  return {
    token: null,
    thread: null,
    inbox: null,
    account: null,
    rivals,
    addressed: () => false,
    learned: certain,
    siblings: [],
    covered: [],
    trace: [
      {
        step: 'recipient',
        outcome: 'several-accounts',
        detail: `${rivals.join(', ')} are addresses of several accounts, and no envelope says for which this copy is`,
      },
    ],
  }
}

// If the envelope names an inbox, header fields only repeat the recipients of others: they reach no other account.
function mostCertain(
  sources: readonly AddressSource[],
  inboxes: readonly FoundInbox[],
): [readonly AddressSource[], readonly FoundInbox[]] {
  const enveloped = inboxes.filter((inbox) => inbox.source === 'envelope')
  return enveloped.length === 0
    ? [sources, inboxes]
    : [sources.filter((level) => level.source === 'envelope'), enveloped]
}

function accountOf(
  token: FoundToken | null,
  inboxes: readonly FoundInbox[],
  thread: ThreadFacts | null,
): AccountFacts | null {
  return token?.conversation.account ?? thread?.conversation.account ?? inboxes[0]?.account ?? null
}

interface Share {
  readonly own: { readonly token: FoundToken | null; readonly inboxes: readonly FoundInbox[] }
  readonly siblings: readonly (readonly string[])[]
}

// One mail may be for several conversations or accounts: the first is this mail's own, each further one becomes a
// mail of its own. Only what the envelope names can be shared out: header fields repeat what others have received.
function share(tokens: readonly FoundToken[], inboxes: readonly FoundInbox[]): Share {
  const enveloped = inboxes.filter((inbox) => inbox.source === 'envelope')
  const rival = enveloped.find((inbox) => !tokens.some((token) => token.conversation.account.id === inbox.account.id))
  // A reply address that only a header names does not outrank an envelope that names another account.
  const first = tokens[0]
  if (first !== undefined && first.learned.learned_from !== 'envelope' && rival !== undefined)
    return { own: { token: null, inboxes }, siblings: [] }
  if (first === undefined) return shareInboxes(inboxes, enveloped)
  const groups = new Map<string, string[]>()
  if (first.learned.learned_from === 'envelope') {
    for (const token of tokens) add(groups, `conversation ${String(token.conversation.id)}`, token.learned.address)
    for (const inbox of enveloped.filter(
      (candidate) => !tokens.some((token) => token.conversation.account.id === candidate.account.id),
    ))
      add(groups, `account ${String(inbox.account.id)}`, inbox.named)
  }
  const siblings = [...groups]
    .filter(([key]) => key !== `conversation ${String(first.conversation.id)}`)
    .map(([, addresses]) => addresses)
  return {
    own: { token: first, inboxes: inboxes.filter((inbox) => inbox.account.id === first.conversation.account.id) },
    siblings,
  }
}

function shareInboxes(inboxes: readonly FoundInbox[], enveloped: readonly FoundInbox[]): Share {
  const first = inboxes[0]
  const groups = new Map<string, string[]>()
  for (const inbox of enveloped.filter((candidate) => candidate.account.id !== first?.account.id))
    add(groups, String(inbox.account.id), inbox.named)
  return {
    own: { token: null, inboxes: inboxes.filter((inbox) => inbox.account.id === first?.account.id) },
    siblings: [...groups.values()],
  }
}

// Of one account: each inbox has people of its own.
function otherInboxes(inbox: FoundInbox | null, inboxes: readonly FoundInbox[]): string[][] {
  return inboxes
    .filter(({ id, source, account }) => source === 'envelope' && id !== inbox?.id && account.id === inbox?.account.id)
    .map(({ named }) => [named])
}

const isAddressed = (inboxId: number, inboxes: readonly FoundInbox[]): boolean =>
  inboxes.some(({ id, source }) => id === inboxId && source === 'envelope')

function add(groups: Map<string, string[]>, key: string, address: string): void {
  groups.set(key, [...(groups.get(key) ?? []), address])
}

function without(level: AddressSource, addresses: readonly string[]): AddressSource {
  return { ...level, addresses: level.addresses.filter((address) => !addresses.includes(address)) }
}

// All addresses of the envelope, and those of header fields that had a result.
function learnedFrom(
  sources: readonly AddressSource[],
  token: FoundToken | null,
  inboxes: readonly FoundInbox[],
): LearnedRecipient[] {
  const enveloped = sources
    .filter((level) => level.source === 'envelope')
    .flatMap((level) => level.addresses.map((address) => ({ address, learned_from: 'envelope' })))
  const leading = [
    ...(token === null ? [] : [token.learned]),
    ...inboxes.map((inbox) => ({ address: inbox.named, learned_from: inbox.source })),
  ]
  const extra = leading.filter((found) => found.learned_from !== 'envelope')
  if (enveloped.length > 0 || extra.length > 0) return [...enveloped, ...extra]
  return sources
    .flatMap((level) => level.addresses.map((address) => ({ address, learned_from: level.source })))
    .slice(0, 20)
}
