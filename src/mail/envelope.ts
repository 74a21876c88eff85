// The SMTP envelope of a mail, apart from its content (RFC 5321 §3.3). Used by every ingress.

/** Origin and destination of a mail. Addresses without angle brackets. */
export interface Envelope {
  /** MAIL FROM; '' is the null reverse-path of bounces; null where the ingress did not learn one. */
  readonly reversePath: string | null
  /** RCPT TO, in order; empty where the ingress did not learn any. */
  readonly recipients: readonly string[]
}

/** smtp, lmtp, relay, or a provider of src/ingress/providers. */
export type IngressName = string

/** Facts of the ingress about the peer that sent the mail. */
export interface Peer {
  /** IP address of the client, as the trusted relay gave it (XFORWARD) or as the socket shows it. */
  readonly address: string | null
  readonly helo: string | null
  /** True when the peer is in TRUSTED_RELAYS or gave the right ingress password: its Authentication-Results count. */
  readonly trusted: boolean
  /** The provider that received the mail, of an authenticated request. */
  readonly provider?: string
  /** What the provider, or our own check, found out about the sender. */
  readonly verdicts?: ProviderVerdicts
  /** The provider gave only parts of the mail: its raw bytes were synthesised (synthesise.ts). */
  readonly synthesised?: true
}

/** Findings on a sender, of a provider in its own words but lower case; null where it says nothing. */
export interface ProviderVerdicts {
  /** The source of the statement. */
  readonly by: string
  readonly spf: string | null
  readonly dkim: string | null
  /** Domains whose signature it found good. */
  readonly dkimDomains: readonly string[]
  readonly dmarc: string | null
  /** p= of the domain in From, if stated. */
  readonly dmarcPolicy: string | null
  /** The domain that the DMARC result is about; null or absent = the provider says it of From. */
  readonly dmarcDomain?: string | null
  readonly spam: string | null
  readonly spamScore: number | null
  readonly virus: string | null
}

/** One mail at acceptance: exactly the bytes received, with its envelope. */
export interface Submission {
  readonly ingress: IngressName
  readonly envelope: Envelope
  readonly raw: Buffer
  readonly peer: Peer
  readonly once?: OneTimeToken
}

/**
 * Good for one mail: consumed in the transaction that stores it. A repeat gets the answer that its
 * first mail got.
 */
export interface OneTimeToken {
  readonly token: string
  /** How long it is remembered: at least as long as it is believed. */
  readonly keepSeconds: number
}

/** A mail that a provider stores and has only announced: accepted at once, its raw bytes fetched afterwards. */
export interface MailNotice extends Omit<Submission, 'raw'> {
  /** With the recipients, what makes two notices the same: the provider's own id of the mail. */
  readonly key: string
  /** JSON that the adapter needs to fetch it. No secrets. */
  readonly pointer: Readonly<Record<string, unknown>>
}
