// Routes one mail: which conversation, may the account receive, who is the speaker, are they authorised? Each question
// leaves a trace entry. Pure but for the questions in `lookup`; the pipeline and `explain` call this very function
// (docs/develop/architecture.md, Routing and trust).

import type { Decision, Verdict } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { findOrigin, type Origin } from './author.ts'
import { type Authorised, byAgentToken, byContactToken, byInbox, byThread, type Context } from './authorise.ts'
import { findBegun, findDuplicate } from './automation.ts'
import { byForward } from './by-forward.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import { byNewAddress } from './by-new-address.ts'
import type { FoundToken } from './by-reply-address.ts'
import { readAgentCommands } from './commands.ts'
import { type Destination, findDestination } from './destination.ts'
import { coveredEntry, siblingEntry } from './destination-trace.ts'
import { askGate } from './gate.ts'
import type { AccountFacts, ConversationFacts, Lookup, SpeakerFacts } from './lookup.ts'
import { heldReasonOfReport, isReport, matchReport } from './report.ts'
import type { RoutingInput, RoutingPolicy } from './routing-input.ts'
import { identifySpeaker, type SpeakerAnswer } from './speaker.ts'

/** Decides, and says why. Throws only when a lookup does. */
export async function route(input: RoutingInput, lookup: Lookup, policy: RoutingPolicy): Promise<Verdict> {
  const destination = await findDestination(input, lookup)
  const trace: TraceEntry[] = [readability(input.mail), ...destination.trace]
  const finish = (authorised: Authorised): Verdict =>
    verdict(destination, [...trace, authorised.entry], authorised.decision)

  const account = destination.account
  const refusal = findRefusal(destination, trace)
  if (refusal !== null) return verdict(destination, trace, refusal)
  if (isReport(input.mail)) {
    const reporter = identifySpeaker(input.mail, input.peer, policy.authservId)
    trace.push(reporter.entry)
    const disowned = heldReasonOfReport(reporter)
    return disowned === null
      ? finish(await matchReport({ mail: input.mail, reporter }, destination, lookup))
      : verdict(destination, trace, hold(disowned, destination))
  }
  return routeMessage({ input, destination, account, trace }, lookup, policy)
}

interface Accounted {
  readonly input: RoutingInput
  readonly destination: Destination
  readonly account: AccountFacts | null
  readonly trace: TraceEntry[]
}

// What is no report: from here on its author counts, who may be another than From.
async function routeMessage(
  { input, destination, account, trace }: Accounted,
  lookup: Lookup,
  policy: RoutingPolicy,
): Promise<Verdict> {
  const { messageId } = input.mail
  const [origin, known, copies] = await Promise.all([
    findOrigin(input.mail, destination, lookup),
    messageId === null ? [] : lookup.findThreads([messageId]),
    findCopies(input, lookup),
  ])
  const mail = { ...input.mail, from: origin.author }
  const answer = (decision: Decision): Verdict => ({
    ...verdictOnAll(destination, trace, decision),
    author: origin.author,
    answersTo: origin.answersTo,
  })
  const guarded = { mail, header: input.mail, origin, destination, known, copies }
  const guard = await findDuplicate(guarded, lookup)
  trace.push(guard.entry)
  if (guard.ignore !== null) return answer({ action: 'ignore', reason: guard.ignore })

  const speaker = identifySpeaker(input.mail, input.peer, policy.authservId)
  trace.push(speaker.entry, ...origin.entries)
  if (speaker.hold !== null) return answer(hold(speaker.hold, destination))
  const elsewhere = guard.elsewhere ?? null
  const asked = { mail, readMail: input.readMail, destination, speaker, account, origin, elsewhere }
  const authorised = await authorise(asked, lookup)
  trace.push(...entriesOf(authorised))
  const { decision, entries } = await withCommands(input.mail, authorised.decision, lookup)
  trace.push(...entries)
  const isNamed = destination.token !== null || destination.thread !== null
  if (decision.action !== 'open' || !isNamed) return markReuse(answer(decision), guard.reusedMessageId)
  // The conversation that it names does not have it, but one that it began by another way may.
  const begun = await findBegun(guarded, lookup)
  if (begun.ignore === null) return markReuse(answer(decision), guard.reusedMessageId || begun.reusedMessageId)
  trace.push(begun.entry)
  return answer({ action: 'ignore', reason: begun.ignore })
}

async function withCommands(mail: ParsedMail, decision: Decision, lookup: Lookup) {
  return decision.action === 'append-as-agent' ? readAgentCommands(mail, decision, lookup) : { decision, entries: [] }
}

async function findCopies({ mail, envelope, contentKey = null }: RoutingInput, lookup: Lookup) {
  if (mail.messageId !== null || contentKey === null) return []
  return lookup.findCopies({ contentKey, recipients: envelope.recipients, isDated: mail.date !== null })
}

// The account of the mail, and whether it may receive. Null: yes.
function findRefusal(destination: Destination, trace: TraceEntry[]): Decision | null {
  if (destination.rivals.length > 0) return { action: 'hold', reason: 'several-accounts', candidates: [] }
  if (destination.account === null) return null
  const gate = askGate(destination.account)
  trace.push(gate.entry)
  return gate.hold === null ? null : hold(gate.hold, destination)
}

const entriesOf = ({ entry, further = [] }: Authorised): TraceEntry[] => [entry, ...further]

interface SpeakerInput {
  /** With its author in `from`. */
  readonly mail: ParsedMail
  readonly readMail: RoutingInput['readMail']
  readonly destination: Destination
  readonly speaker: SpeakerAnswer
  readonly account: AccountFacts | null
  readonly origin: Origin
  readonly elsewhere: ConversationFacts | null
}

async function authorise(speakerInput: SpeakerInput, lookup: Lookup): Promise<Authorised> {
  const { mail, destination, speaker, origin, elsewhere } = speakerInput
  const { token, thread, inbox } = destination
  const from = mail.from ?? { address: '', name: '' }
  const facts = await findSpeaker(speakerInput, from.address, lookup)
  if (facts.isBlocked && facts.agentId === null) return ignoreBlocked(from.address)
  const context: Context = {
    from,
    // Only From is authenticated; that proves nothing about another author.
    authentication: origin.namedIn === null ? speaker.authentication : 'unknown',
    isAutoReply: isAutomatic(mail),
    isDegraded: mail.degraded !== null,
    speaker: { ...facts, takesPart: facts.takesPart && mayContinue(origin, speaker) },
    isOnlyClaimed: !mayContinue(origin, speaker),
    inbox,
    answersTo: origin.answersTo,
    elsewhere,
  }
  if (token !== null) return byToken(token, context)
  if (thread !== null) return byThread(thread, context, 'thread')
  const reading = { lookup, readMail: speakerInput.readMail }
  if (isForAgent(inbox, facts)) return byNewAddress(mail, { ...context, inbox }, reading)
  return (await byForward(mail, context, reading)) ?? byInbox(context)
}

// A customer may answer all, an agent's address among them: beside the inbox's own it counts from its agent only.
function isForAgent(inbox: FoundInbox | null, speaker: SpeakerFacts): inbox is FoundInbox {
  if (inbox === null || inbox.agentId === null) return false
  return !inbox.isNamed || speaker.agentId === inbox.agentId
}

// Anyone can write a field that names a participant. It continues a thread only if From is one of our own addresses and
// no check of From failed.
function mayContinue({ namedIn }: Origin, { authentication, isJudged }: SpeakerAnswer): boolean {
  return namedIn === null || (namedIn.isCompany && (authentication === 'pass' || !isJudged))
}

async function findSpeaker(
  { destination, account }: SpeakerInput,
  address: string,
  lookup: Lookup,
): Promise<SpeakerFacts> {
  if (account === null) return { agentId: null, contactId: null, takesPart: false, isBlocked: false }
  return lookup.findSpeaker({
    accountId: account.id,
    conversationId: conversationOf(destination)?.id ?? null,
    address: address.toLowerCase(),
  })
}

function ignoreBlocked(address: string): Authorised {
  return {
    decision: { action: 'ignore', reason: 'blocked-sender' },
    entry: { step: 'authority', outcome: 'ignored', detail: `${address} is blocked in this account` },
  }
}

// A reverse-path token counts as a thread match: automatic answers go there (RFC 3834 §4).
function byToken(token: FoundToken, context: Context): Authorised {
  if (token.role === 'bounce') return byThread(token, context, 'thread')
  if (token.state !== 'live') return byThread(token, context, 'expired-reply-address')
  return token.role === 'contact' ? byContactToken(token, context) : byAgentToken(token, context)
}

function isAutomatic(mail: ParsedMail): boolean {
  return mail.automation === 'auto-reply' || mail.automation === 'challenge'
}

function readability(mail: ParsedMail): TraceEntry {
  if (mail.degraded !== null) return { step: 'parse', outcome: 'degraded', detail: mail.degraded }
  return {
    step: 'parse',
    outcome: mail.automation,
    detail:
      mail.automationEvidence === '' ? 'written by a person, as far as its headers tell' : mail.automationEvidence,
  }
}

function hold(
  reason: 'feature-off' | 'account-suspended' | 'from-missing' | 'doubled-header' | 'forged-sender',
  destination: Destination,
): Decision {
  const conversation = conversationOf(destination)
  return { action: 'hold', reason, candidates: conversation === null ? [] : [conversation.id] }
}

function conversationOf({ token, thread }: Destination): ConversationFacts | null {
  return token?.conversation ?? thread?.conversation ?? null
}

function markReuse(answer: Verdict, reused: boolean): Verdict {
  const { decision } = answer
  if (!reused || !('marks' in decision)) return answer
  return { ...answer, decision: { ...decision, marks: { ...decision.marks, reusedMessageId: true } } }
}

// The conversation that a mail names has it once; but if it begins one of its own, it begins one in each inbox.
function verdictOnAll(destination: Destination, trace: readonly TraceEntry[], decision: Decision): Verdict {
  const { covered, siblings } = destination
  if (decision.action !== 'open') return verdict(destination, [...trace, ...coveredEntry(covered)], decision)
  const others = covered.map(({ named }) => [named])
  return { ...verdict(destination, [...trace, ...siblingEntry(others)], decision), siblings: [...siblings, ...others] }
}

function verdict(destination: Destination, trace: readonly TraceEntry[], decision: Decision): Verdict {
  const conversationId = 'conversationId' in decision ? decision.conversationId : null
  const said: TraceEntry = { step: 'decision', outcome: decision.action, detail: decision.reason }
  return {
    decision,
    trace: [...trace, said].map((entry) => ({ ...entry, detail: maskReplyAddresses(entry.detail) })),
    learned: destination.learned,
    accountId: destination.account?.id ?? null,
    conversationId,
    named: { conversationId: conversationOf(destination)?.id ?? null, inboxId: destination.inbox?.id ?? null },
    siblings: destination.siblings,
    author: null,
    answersTo: null,
    isNote: destination.token?.role === 'note',
  }
}
