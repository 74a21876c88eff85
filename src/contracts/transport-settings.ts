// The setting TRANSPORTS: ways out by name, each a URL. Pure. Errors name the transport and never its secrets.

const kinds = ['smtp', 'mailgun', 'postmark', 'ses', 'sendgrid', 'resend'] as const
export type TransportKind = (typeof kinds)[number]

export interface TransportSettings {
  /** Lower case letters, digits, `-` and `_`. */
  readonly name: string
  readonly kind: TransportKind
  /** Of SMTP, for nodemailer: without the parameters below. */
  readonly url: string
  readonly user: string
  readonly password: string
  /** The server of SMTP, the domain of Mailgun, the region of SES, else the key itself. */
  readonly host: string
  /** Parameters of the kind, e.g. `region`. */
  readonly options: Readonly<Record<string, string>>
  /** The least time between two mails in ms; 0 = any. */
  readonly intervalMs: number
}

const optionsOf: Readonly<Record<TransportKind, readonly string[]>> = {
  smtp: ['dkim_domain', 'dkim_selector', 'dkim_key'],
  mailgun: ['region', 'api'],
  postmark: ['stream', 'api'],
  ses: ['configuration_set', 'api'],
  sendgrid: ['region', 'api'],
  resend: ['api'],
}

// Work is leased for two minutes, and eight mails may wait at once.
const slowestMs = 5_000

/** Reads `name=URL, name=URL`. Throws an `Error` whose sentence can be shown. */
export function parseTransports(text: string): readonly TransportSettings[] {
  const all = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part, index) => {
      const [, name, url] = /^([a-z][a-z0-9_-]{0,31})=(.+)$/.exec(part) ?? []
      if (name === undefined || url === undefined)
        throw new Error(`entry ${String(index + 1)} must be name=URL, the name in lower case letters`)
      return parseTransport(name, url)
    })
  const twice = all.find(({ name }, index) => all.findIndex((one) => one.name === name) !== index)
  if (twice !== undefined) throw new Error(`${twice.name} is there twice`)
  return all
}

/** What is wrong with TRANSPORTS and OUTBOUND_SMTP_URL, a line each, without their secrets. Never throws. */
export function findTransportProblems(transports: string | undefined, smtpUrl: string | undefined): string[] {
  const faults = [
    ['TRANSPORTS', faultOf(() => parseTransports(transports ?? ''))],
    ['OUTBOUND_SMTP_URL', faultOf(() => (smtpUrl === undefined ? null : parseTransport('smtp', smtpUrl)))],
    [
      'TRANSPORTS',
      transports !== undefined && smtpUrl !== undefined ? 'replaces OUTBOUND_SMTP_URL; set only one' : null,
    ],
  ] as const
  return faults.flatMap(([name, fault]) => (fault === null ? [] : [`${name}: ${fault}`]))
}

function faultOf(parse: () => unknown): string | null {
  try {
    parse()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** One transport. Throws an `Error` whose sentence can be shown. */
export function parseTransport(name: string, text: string): TransportSettings {
  const url = URL.canParse(text) ? new URL(text) : null
  const scheme = url?.protocol.replace(/:$/, '').replace('smtps', 'smtp')
  const kind = kinds.find((one) => one === scheme)
  if (url === null || kind === undefined || url.hostname === '')
    throw new Error(`${name}: must be a URL starting with smtp:, smtps:, ${kinds.slice(1).join(':, ')}: and //`)
  const options = takeOptions(name, url, kind)
  const { rate, ...rest } = options
  const [user, password] = [decode(name, url.username), decode(name, url.password)]
  checkParts(name, kind, { user, password, options: rest })
  return {
    name,
    kind,
    url: url.href,
    user,
    password,
    host: decode(name, url.hostname),
    options: rest,
    intervalMs: intervalOf(name, rate),
  }
}

function takeOptions(name: string, url: URL, kind: TransportKind): Record<string, string> {
  const options: Record<string, string> = {}
  for (const key of [...url.searchParams.keys()]) {
    const isKnown = key === 'rate' || optionsOf[kind].includes(key)
    // Of SMTP, nodemailer knows more of them.
    if (!isKnown && kind !== 'smtp') throw new Error(`${name}: ${kind} has no parameter "${key.slice(0, 40)}"`)
    if (isKnown) options[key] = url.searchParams.get(key) ?? ''
    if (isKnown) url.searchParams.delete(key)
  }
  return options
}

function checkParts(name: string, kind: TransportKind, { user, password, options }: Parts): void {
  if (kind === 'mailgun' && user === '') throw new Error(`${name}: must be mailgun://KEY@domain`)
  if (kind === 'ses' && [user, password].includes('')) throw new Error(`${name}: must be ses://KEY:SECRET@region`)
  const dkim = optionsOf.smtp.filter((one) => options[one] !== undefined)
  if (dkim.length !== 0 && dkim.length !== 3)
    throw new Error(`${name}: dkim_domain, dkim_selector and dkim_key belong together`)
  if (!['us', 'eu'].includes(options['region'] ?? 'us')) throw new Error(`${name}: region must be us or eu`)
  if (!isWebUrl(options['api'])) throw new Error(`${name}: api must be a URL starting with https://`)
}

type Parts = Pick<TransportSettings, 'user' | 'password' | 'options'>

function isWebUrl(text: string | undefined): boolean {
  return text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
}

function intervalOf(name: string, rate: string | undefined): number {
  if (rate === undefined) return 0
  const [, count = '0', unit] = /^([1-9]\d{0,5})\/(s|min)$/.exec(rate) ?? []
  const interval = (unit === 's' ? 1_000 : 60_000) / Number(count)
  if (!(interval <= slowestMs)) throw new Error(`${name}: rate must be like 10/s or 300/min, at least 12/min`)
  return interval
}

function decode(name: string, text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error(`${name}: a % in the URL must be written as %25`)
  }
}
