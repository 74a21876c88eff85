// DATA: reads the bytes up to the dot, stores the mail, answers (RFC 5321 §4.1.1.4; LMTP one answer a
// recipient, RFC 2033 §4.2). Statuses: 250 2.0.0 after `accept` resolved, never before | 552 5.3.4 too large | 452
// 4.3.1 too many bytes in flight | 421 4.4.2 too slow, connection closed | whatever errors.ts says of a fault; an
// unknown fault is 451 4.3.0.

import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server'

import { MailError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Submission } from '../../mail/envelope.ts'
import type { Accept } from '../../store/accept.ts'
import type { IntakeLimits } from '../reading/intake.ts'
import { createIntake } from '../reading/intake.ts'
import { logRefusal } from '../refusal.ts'
import type { CheckFirstHop } from '../sender-check/first-hop.ts'

export interface DataRules {
  readonly protocol: 'smtp' | 'lmtp'
  readonly limits: IntakeLimits
  readonly accept: Accept
  readonly log: Log
  /** Called for each client that was disconnected because it was too slow. */
  readonly onSlow: () => void
  /** Null: senders are not checked here. */
  readonly checkSender: CheckFirstHop | null
}

export interface Transaction {
  readonly session: SMTPServerSession
  readonly trusted: boolean
  /** Address of the socket, before any XFORWARD. */
  readonly address: string
  /** Says 421 and closes. */
  readonly cut: (text: string) => void
}

/**
 * Reads one mail, stores it and answers the text after 250. Throws what went wrong; null when the client is gone,
 * so that no answer can reach it.
 */
export async function takeMail(
  stream: SMTPServerDataStream,
  transaction: Transaction,
  rules: DataRules,
): Promise<string | null> {
  const intake = createIntake(rules.limits, () => {
    rules.onSlow()
    rules.log.info('slow-peer', { ingress: rules.protocol, direction: 'in', peer: transaction.address })
    transaction.cut('4.4.2 The message came too slowly')
    stream.destroy()
  })
  const facts = { ingress: rules.protocol, peer: transaction.address }
  try {
    const complete = await readToEnd(stream, intake.add)
    if (!complete) {
      rules.log.info('smtp-error', {
        ...facts,
        problem: intake.fault()?.message ?? 'the client left in the middle of DATA',
      })
      return null
    }
    const submission = await checked(submissionOf(transaction, rules.protocol, intake.take()), rules.checkSender)
    const { id, duplicate } = await rules.accept(submission)
    rules.log.info('accepted', { ...facts, id, duplicate, size: submission.raw.length })
    return `2.0.0 Ok: accepted as ${String(id)}`
  } catch (error) {
    logRefusal(rules.log, facts, error)
    throw error
  } finally {
    intake.release()
  }
}

function readToEnd(stream: SMTPServerDataStream, add: (chunk: Buffer) => void): Promise<boolean> {
  return new Promise((resolve) => {
    stream.on('data', add)
    stream.on('end', () => {
      resolve(true)
    })
    stream.on('error', () => {
      resolve(false)
    })
    stream.on('close', () => {
      resolve(false)
    })
  })
}

async function checked(submission: Submission, checkSender: CheckFirstHop | null): Promise<Submission> {
  const verdicts = (await checkSender?.(submission)) ?? null
  return verdicts === null ? submission : { ...submission, peer: { ...submission.peer, verdicts } }
}

function submissionOf({ session, trusted, address }: Transaction, protocol: 'smtp' | 'lmtp', raw: Buffer): Submission {
  const { mailFrom, rcptTo } = session.envelope
  if (mailFrom === false) throw new MailError('unexpected', 'DATA without MAIL')
  return {
    ingress: protocol,
    envelope: { reversePath: mailFrom.address, recipients: rcptTo.map((recipient) => recipient.address) },
    raw,
    peer: {
      address: forwarded(session, 'ADDR', address),
      helo: forwarded(session, 'HELO', session.hostNameAppearsAs || null),
      trusted,
    },
  }
}

/**
 * Once the relay has stated any fact of its client, the facts that it did not state (`[UNAVAILABLE]`) are unknown, and
 * are not the relay's own.
 */
export function forwarded(session: SMTPServerSession, key: string, own: string | null): string | null {
  if (session.xForward.size === 0) return own
  const value = session.xForward.get(key)
  return typeof value === 'string' && value !== '' ? value : null
}
