// What leaves and what a transport does with it: the interface that each kind in transports/ has.

import { type ErrorKind, MailError } from '../errors.ts'

/** A mail ready to leave. Ids without <>. */
export interface OutgoingMail {
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  readonly from: { readonly name: string; readonly address: string }
  readonly replyTo: { readonly name: string; readonly address: string } | null
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly subject: string
  readonly messageId: string
  readonly inReplyTo: string | null
  readonly references: readonly string[]
  readonly text: string
  readonly html: string
  /** Further header fields, e.g. Auto-Submitted. */
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly OutgoingFile[]
  /** The transport that the inbox or account has chosen; absent or unknown: the default. */
  readonly transport?: string | null
  /** The transport that may have the mail already: no other may send it. */
  readonly pendingAt?: string | null
  /** Comes back in the webhooks of providers (life-line-key.ts); absent: nothing is written down about the mail. */
  readonly key?: string
}

export interface OutgoingFile {
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
  /** The HTML shows it under this id (multipart/related, RFC 2387); absent: a file beside the text. */
  readonly contentId?: string | undefined
}

/** A recipient whom the server refused. */
export interface Refusal {
  readonly email: string
  /** RFC 3463; made from the reply code where the server gave none. */
  readonly status: string
  /** The server's words. */
  readonly detail: string
  /** It will not take this recipient later either. */
  readonly isFinal: boolean
}

/** What a server did with a mail. */
export interface HandedOver {
  /** The host that has it; null: the outbox folder. */
  readonly server: string | null
  /** The server's answer; null: it refused every recipient. */
  readonly response: string | null
  /** The id in that answer under which the server or provider knows the mail; null: it gave none. */
  readonly queueId: string | null
  readonly refused: readonly Refusal[]
  /** The Message-ID that the provider gave in place of ours, without <>. */
  readonly messageId?: string
  /** The name of the transport; absent: there is one only, without a name. */
  readonly transport?: string | null
}

/**
 * Resolves with what the server did for each recipient. Throws `MailError` when it took the mail for nobody for a
 * reason that is not a recipient's: of a retrying kind, or `forbidden` when it never will.
 */
export type HandOver = (mail: OutgoingMail) => Promise<HandedOver>

/** Resolves once the server has taken the mail for a recipient; throws as `HandOver` does, also when it took none. */
export type Send = (mail: OutgoingMail) => Promise<void>

/** One way out. */
export interface Route {
  /** The host that gets the mail; null: the outbox folder. */
  readonly server: string | null
  readonly handOver: HandOver
  /** Connects and logs in; sends nothing. Resolves with what was seen; throws an error that says what failed. */
  readonly verify: (timeoutMs: number) => Promise<string>
  readonly close: () => void
}

/**
 * What is known of a mail that was not handed over. unreached: no byte of it left, or the login was refused; another
 * transport may send it. answered: the server said no. unknown: the server may have it.
 */
export type Reach = 'unreached' | 'answered' | 'unknown'

interface Unsent {
  readonly reach: Reach
  readonly transport?: string | null
  readonly server?: string | null
  readonly retryAfterSeconds?: number | null
  readonly cause?: unknown
}

/** A mail that was not handed over. */
export class TransportError extends MailError {
  readonly reach: Reach
  /** The transport's name and its host, once they are known. */
  readonly transport: string | null
  readonly server: string | null

  constructor(kind: ErrorKind, message: string, { reach, transport = null, server = null, ...options }: Unsent) {
    super(kind, message, { publicMessage: message, ...options })
    this.name = 'TransportError'
    this.reach = reach
    this.transport = transport
    this.server = server
  }
}

/** The error of a mail that the server took for none of its recipients. Never throws. */
export function refusalOf(refused: readonly Refusal[]): MailError {
  const message = refused
    .map(({ detail }) => detail)
    .join(' · ')
    .slice(0, 1_000)
  const isFinal = refused.every((one) => one.isFinal)
  return new MailError(isFinal ? 'forbidden' : 'unavailable', message, { publicMessage: message })
}
