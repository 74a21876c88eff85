// The judge of one mail: which conversation? may this account take it? who is speaking? may they? Each question leaves a trace entry.
// Pure but for the questions in `lookup`; the belt and `explain` call this very function (DESIGN §5).

import type { ParsedMail } from '../mail/parsed-mail.ts'
import { byAgentToken, byContactToken, byInbox, byThread, type Authorised, type Case } from './authorise.ts'
import { guardAgainstRepeats } from './automation.ts'
import type { Decision, TraceEntry, Verdict } from './decision.ts'
import { findDestination, type Destination } from './destination.ts'
import { askGate } from './gate.ts'
import type { AccountFacts, Lookup } from './lookup.ts'
import type { Mailing, RoutingPolicy } from './mailing.ts'
import { isReport, tieReport } from './report.ts'
import { identifySpeaker, type SpeakerAnswer } from './speaker.ts'

/** Decides, and says why. Throws only when a lookup does. */
export async function route(mailing: Mailing, lookup: Lookup, policy: RoutingPolicy): Promise<Verdict> {
  const destination = await findDestination(mailing, lookup)
  const trace: TraceEntry[] = [readability(mailing.mail), ...destination.trace]
  const finish = (authorised: Authorised): Verdict => verdict(destination, [...trace, authorised.entry], authorised.decision)

  const account = destination.account
  if (account !== null) {
    const gate = askGate(account)
    trace.push(gate.entry)
    if (gate.hold !== null) return verdict(destination, trace, hold(gate.hold, destination))
  }
  if (isReport(mailing.mail)) return finish(await tieReport(mailing.mail, destination.token, { lookup, addressed: destination.addressed }))
  const guard = await guardAgainstRepeats(mailing, destination, lookup)
  trace.push(guard.entry)
  if (guard.ignore !== null) return verdict(destination, trace, { act: 'ignore', reason: guard.ignore })

  const speaker = identifySpeaker(mailing.mail, mailing.peer, policy.authservId)
  trace.push(speaker.entry)
  if (speaker.hold !== null) return verdict(destination, trace, hold(speaker.hold, destination))
  const authorised = await authorise({ mailing, destination, speaker, account }, lookup)
  return markReuse(finish(authorised), guard.reusedMessageId)
}

interface Hearing {
  readonly mailing: Mailing
  readonly destination: Destination
  readonly speaker: SpeakerAnswer
  readonly account: AccountFacts | null
}

async function authorise(hearing: Hearing, lookup: Lookup): Promise<Authorised> {
  const { destination, speaker, account } = hearing
  const { token, thread, inbox } = destination
  const from = speaker.from ?? { address: '', name: '' }
  const conversation = token?.conversation ?? thread?.conversation ?? null
  const facts =
    account === null ? { agentId: null, contactId: null, takesPart: false } : await lookup.findSpeaker({ accountId: account.id, conversationId: conversation?.id ?? null, address: from.address.toLowerCase() })
  const its: Case = { from, authentication: speaker.authentication, isAutoReply: isAutomatic(hearing.mailing.mail), speaker: facts, inbox }
  if (token?.state === 'live' && token.role === 'contact') return byContactToken(token, its)
  if (token?.state === 'live' && token.role === 'agent') return byAgentToken(token, its)
  if (token !== null) return byThread(token, its, token.role === 'bounce' ? 'thread' : 'expired-reply-address')
  return thread === null ? byInbox(its) : byThread(thread, its, 'thread')
}

function isAutomatic(mail: ParsedMail): boolean {
  return mail.automation === 'auto-reply' || mail.automation === 'challenge'
}

function readability(mail: ParsedMail): TraceEntry {
  if (mail.degraded !== null) return { step: 'parse', outcome: 'degraded', detail: mail.degraded }
  return { step: 'parse', outcome: mail.automation, detail: mail.automationEvidence === '' ? 'written by a person, as far as its headers tell' : mail.automationEvidence }
}

function hold(reason: 'feature-off' | 'account-suspended' | 'from-missing' | 'doubled-header' | 'forged-sender', destination: Destination): Decision {
  const conversation = destination.token?.conversation ?? destination.thread?.conversation
  return { act: 'hold', reason, candidates: conversation === undefined ? [] : [conversation.id] }
}

function markReuse(answer: Verdict, reused: boolean): Verdict {
  const { decision } = answer
  if (!reused || !('marks' in decision)) return answer
  return { ...answer, decision: { ...decision, marks: { ...decision.marks, reusedMessageId: true } } }
}

function verdict(destination: Destination, trace: readonly TraceEntry[], decision: Decision): Verdict {
  const conversationId = 'conversationId' in decision ? decision.conversationId : null
  const said: TraceEntry = { step: 'decision', outcome: decision.act, detail: decision.reason }
  return { decision, trace: [...trace, said], learned: destination.learned, accountId: destination.account?.id ?? null, conversationId, siblings: destination.siblings }
}
