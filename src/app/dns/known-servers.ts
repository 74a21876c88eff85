// Names that providers publish in their documentation: the MX of their inbound mail, and what SPF records include for
// mail that leaves over them.

/** MX names of each ingress service; * stands for a region. Services with names of the customer's own have none. */
export const exchangesOfServices: Readonly<Record<string, readonly string[]>> = {
  mailgun: ['mxa.mailgun.org', 'mxb.mailgun.org', 'mxa.eu.mailgun.org', 'mxb.eu.mailgun.org'],
  sendgrid: ['mx.sendgrid.net'],
  postmark: ['inbound.postmarkapp.com'],
  mandrill: ['*.in1.mandrillapp.com', '*.in2.mandrillapp.com'],
  ses: ['inbound-smtp.*.amazonaws.com'],
  resend: ['inbound-smtp.*.amazonaws.com'],
  brevo: ['inbound1.sendinblue.com', 'inbound2.sendinblue.com'],
  mailjet: ['parse.mailjet.com'],
  sparkpost: ['rx1.sparkpostmail.com', 'rx2.sparkpostmail.com', 'rx3.sparkpostmail.com'],
}

const includesOfServers: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)mailgun\.org$/, 'mailgun.org'],
  [/(^|\.)sendgrid\.net$/, 'sendgrid.net'],
  [/(^|\.)postmarkapp\.com$/, 'spf.mtasv.net'],
  [/(^|\.)mandrillapp\.com$/, 'spf.mandrillapp.com'],
  [/(^|\.)amazonaws\.com$/, 'amazonses.com'],
  [/(^|\.)resend\.com$/, 'amazonses.com'],
  [/(^|\.)(?:brevo|sendinblue)\.com$/, 'spf.brevo.com'],
  [/(^|\.)mailjet\.com$/, 'spf.mailjet.com'],
  [/(^|\.)sparkpostmail\.com$/, 'sparkpostmail.com'],
  [/(^|\.)(?:gmail|google)\.com$/, '_spf.google.com'],
  [/(^|\.)(?:office365|outlook)\.com$/, 'spf.protection.outlook.com'],
]

/** The domain that SPF includes for mail that leaves over `host`; null for servers of other people. Never throws. */
export function includeOf(host: string): string | null {
  return includesOfServers.find(([pattern]) => pattern.test(host.toLowerCase()))?.[1] ?? null
}

/** Selectors under which mail servers and providers publish DKIM keys unless they are told otherwise. */
export const usualSelectors = [
  'default',
  'mail',
  'dkim',
  's1',
  's2',
  'k1',
  'selector1',
  'google',
  'smtp',
  'mx',
  'pm',
  'resend',
  'mailjet',
  'brevo1',
  'mandrill',
  'fm1',
] as const

/** True if an MX name is one of the service's. Never throws. */
export function isExchangeOf(service: string, exchange: string): boolean {
  return (exchangesOfServices[service] ?? []).some((name) => {
    const pattern = name.replace(/[.]/g, '[.]').replace(/[*]/g, '[^.]+')
    return new RegExp(`^${pattern}$`).test(exchange)
  })
}
