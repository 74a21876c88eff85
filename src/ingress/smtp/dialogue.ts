// Answers to MAIL, RCPT and DATA (RFC 5321 §3.3, RFC 2033 §4.2), between the library's callbacks and acceptance;
// nothing here throws. Statuses: 250 | 451 4.7.1 too many mails of one sender | 550 5.1.1 unknown recipient, so that
// nothing is relayed | 451 4.3.0 recipients cannot be looked up now | 452 4.5.3 too many recipients | 452 4.3.1 no room
// for the declared SIZE | 421 4.3.2 shutting down | DATA: see data.ts.

import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server'

import type { Config } from '../../config.ts'
import { MailError, toMailError } from '../../errors.ts'
import { addressKey } from '../../http-client/client-address.ts'
import type { Log } from '../../log.ts'
import type { Accept } from '../../store/accept.ts'
import type { ByteBudget } from '../reading/budget.ts'
import { logRefusal } from '../refusal.ts'
import type { CheckFirstHop } from '../sender-check/first-hop.ts'
import type { LimitSender } from '../sender-limit.ts'
import type { SMTPConnection } from './connection.ts'
import { forgetForwarded } from './connection.ts'
import { forwarded, takeMail } from './data.ts'
import type { Reply } from './reply.ts'
import { createReply, replyFor } from './reply.ts'
import { dismiss } from './shutdown.ts'

export interface MailListenerOptions {
  readonly protocol: 'smtp' | 'lmtp'
  /** 0 = a free port. */
  readonly port: number
  readonly config: Config
  readonly log: Log
  readonly accept: Accept
  /** True if mail for an address is accepted; a throw defers it. */
  readonly checkRecipient: (address: string) => Promise<'known' | 'unknown'>
  readonly budget: ByteBudget
  readonly limitSender: LimitSender
  /** Null: senders are not checked here. */
  readonly checkSender: CheckFirstHop | null
  /** Length of the windows in which a sender has to keep SMTP_DATA_MIN_BYTES_PER_SECOND; default 10 s. */
  readonly paceWindowMs?: number
  /** Called for each client that was disconnected because it was too slow. */
  readonly onSlow?: () => void
  /** Time that `close` leaves to running transactions; default 10 s. */
  readonly closeGraceMs?: number
}

/** One connection as the handlers see it. */
interface Dialogue {
  readonly connection: SMTPConnection
  /** Of the socket, whatever XFORWARD says. */
  readonly address: string
  /** RCPT commands answered with 250 in this transaction; LMTP owes each of them an answer. */
  recipients: number
}

/** State shared by the dialogues of one listener. */
export interface ListenerState {
  readonly options: MailListenerOptions
  readonly dialogues: WeakMap<SMTPServerSession, Dialogue>
  closing: boolean
}

/** The refusal of a MAIL command, or null. */
export async function answerMail(
  state: ListenerState,
  session: SMTPServerSession,
  { address, args }: SMTPServerAddress,
): Promise<Reply | null> {
  dialogueOf(state, session).recipients = 0
  if (state.closing) return createReply(421, '4.3.2 Shutting down, try again later')
  const size = args === false ? 0 : Number(args['SIZE'] ?? 0)
  const share = shareOf(state, dialogueOf(state, session))
  if (!share.reserve(size)) return createReply(452, '4.3.1 Too much mail at once, try again later')
  share.release(size)
  return refuseSender(state, session, address)
}

async function refuseSender(
  state: ListenerState,
  session: SMTPServerSession,
  reversePath: string,
): Promise<Reply | null> {
  const { limitSender, log, protocol } = state.options
  const { address } = dialogueOf(state, session)
  try {
    await limitSender({ reversePath, address: forwarded(session, 'ADDR', address) })
    return null
  } catch (error) {
    logRefusal(log, { ingress: protocol, peer: address, reversePath }, error)
    return replyFor(error)
  }
}

/** The refusal of a RCPT command, or null. A lookup that fails for whatever reason defers, never refuses. */
export async function answerRcpt(
  state: ListenerState,
  session: SMTPServerSession,
  recipient: string,
): Promise<Reply | null> {
  const { config, checkRecipient, log, protocol } = state.options
  const dialogue = dialogueOf(state, session)
  const facts = { ingress: protocol, peer: dialogue.address, recipient }
  if (dialogue.recipients >= config.MAX_RECIPIENTS) return createReply(452, '4.5.3 Too many recipients')
  try {
    if ((await checkRecipient(recipient)) === 'known') {
      dialogue.recipients += 1
      return null
    }
    const unknown = new MailError('unknown-recipient', 'no such recipient')
    logRefusal(log, facts, unknown)
    return replyFor(unknown)
  } catch (error) {
    log.warn('deferred', { ...facts, error: toMailError(error) })
    return createReply(451, '4.3.0 Recipients cannot be looked up now, try again later')
  }
}

/** The answers after the final dot: one in SMTP, one for each RCPT command in LMTP; null if the client has left. */
export async function answerData(
  state: ListenerState,
  session: SMTPServerSession,
  stream: SMTPServerDataStream,
): Promise<(string | Reply)[] | null> {
  const { config, protocol } = state.options
  const dialogue = dialogueOf(state, session)
  const cut = (text: string) => {
    dialogue.connection.send(421, text)
  }
  const transaction = { session, trusted: config.isTrustedRelay(dialogue.address), address: dialogue.address, cut }
  const answer = await takeMail(stream, transaction, dataRules(state, dialogue)).catch((error: unknown) =>
    replyFor(error),
  )
  forgetForwarded(dialogue.connection)
  if (state.closing) {
    setImmediate(() => {
      dismiss(dialogue.connection)
    })
  }
  if (answer === null) return null
  return Array.from({ length: protocol === 'lmtp' ? dialogue.recipients : 1 }, () => answer)
}

function shareOf({ options: { budget, config } }: ListenerState, { address }: Dialogue): ByteBudget {
  return budget.shareFor(addressKey(address), config.isTrustedRelay(address))
}

function dataRules(state: ListenerState, dialogue: Dialogue) {
  const { accept, config, log, protocol, checkSender, paceWindowMs, onSlow = () => undefined } = state.options
  const budget = shareOf(state, dialogue)
  const pace = {
    timeoutMs: config.SMTP_DATA_TIMEOUT_MS,
    minBytesPerSecond: config.SMTP_DATA_MIN_BYTES_PER_SECOND,
    windowMs: paceWindowMs ?? 10_000,
  }
  return { protocol, accept, log, onSlow, checkSender, limits: { maxBytes: config.MAX_MESSAGE_BYTES, budget, pace } }
}

function dialogueOf(state: ListenerState, session: SMTPServerSession): Dialogue {
  const dialogue = state.dialogues.get(session)
  if (dialogue === undefined) throw new MailError('unexpected', 'a session without a connection')
  return dialogue
}
