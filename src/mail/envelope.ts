// What SMTP said about a mail, apart from what the mail says about itself (RFC 5321 §3.3). Ground of every ingress.

/** Where a mail came from and goes to. Addresses without angle brackets. */
export interface Envelope {
  /** MAIL FROM; '' is the null reverse-path of bounces; null where the ingress did not learn one. */
  readonly reversePath: string | null
  /** RCPT TO, in order; empty where the ingress did not learn any. */
  readonly recipients: readonly string[]
}

export const ingressNames = ['smtp', 'lmtp', 'relay', 'mailgun', 'sendgrid', 'mandrill', 'postmark', 'ses', 'resend', 'brevo', 'mailjet', 'sparkpost'] as const
export type IngressName = (typeof ingressNames)[number]

/** What the ingress knows about the peer that handed the mail over. */
export interface Peer {
  /** IP address of the client, as the trusted relay gave it (XFORWARD) or as the socket shows it. */
  readonly address: string | null
  readonly helo: string | null
  /** True when the peer is in TRUSTED_RELAYS or gave the right ingress password: its Authentication-Results count. */
  readonly trusted: boolean
}

/** One mail at the door: exactly the bytes received, with its envelope. */
export interface Submission {
  readonly ingress: IngressName
  readonly envelope: Envelope
  readonly raw: Buffer
  readonly peer: Peer
}
