// Settings: all mistakes at once, secrets masked, other names for the same thing, networks.

import { describe, expect, test } from 'vitest'

import { ConfigError, readConfig, settings } from '../../../src/config.ts'
import { channels } from '../../../src/ingress/providers.ts'
import { networkMatcher } from '../../../src/networks.ts'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env, channels)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('wrong settings', () => {
  test('are reported together, each as NAME: problem', () => {
    const problems = problemsOf({
      PORT: '99999',
      DATABASE_URL: 'mysql://x',
      INBOUND_EMAIL_DOMAIN: 'not a domain',
      RUN_HTTP: 'perhaps',
      LOG_LEVEL: 'loud',
      TRUSTED_RELAYS: '10.0.0.0/99',
      MAX_RECIPIENTS: '-1',
      RAILS_INBOUND_EMAIL_SERVICE: 'relay,pigeon',
    })
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'DATABASE_URL',
      'INBOUND_EMAIL_DOMAIN',
      'LOG_LEVEL',
      'MAX_RECIPIENTS',
      'PORT',
      'RAILS_INBOUND_EMAIL_SERVICE',
      'RUN_HTTP',
      'TRUSTED_RELAYS',
    ])
    for (const problem of problems) expect(problem).toMatch(/^[A-Z_]+: \S.+ \(got ".+"\)$/)
  })

  test.each(['SECRET_KEY_BASE', 'ADMIN_ACCESS_TOKEN'])('the value of %s is not shown', (name) => {
    const [problem] = problemsOf({ [name]: 'tooshort1' })
    expect(problem).toContain('(got "****")')
    expect(problem).not.toContain('tooshort1')
  })

  test.each([
    ['REPLY_TOKEN_EXPIRES_DAYS', '-1'],
    ['RATE_LIMIT_TOKEN', 'many'],
    ['RATE_LIMIT_PASSWORD', 'few'],
    ['RETHREAD_URL', 'mail.example.com'],
    ['PUBLIC_URL', 'mail.example.com'],
  ])('the value of %s is shown: it is not a secret', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(`(got "${value}")`)])
  })

  test.each([
    ['DATABASE_URL', 'mysql://u:hunter2@db/x'],
    ['REDIS_URL', 'http://:hunter2@x'],
    ['OUTBOUND_SMTP_URL', 'http://u:hunter2@x'],
    ['RETHREAD_URL', 'ftp://u:hunter2@x'],
  ])('no password in %s is shown', (name, value) => {
    expect(problemsOf({ [name]: value }).join()).toContain(name)
    expect(problemsOf({ [name]: value }).join()).not.toContain('hunter2')
  })

  test.each([
    ['a certificate without its key', { SMTP_TLS_CERT: 'cert.pem' }, /^SMTP_TLS_CERT: needs SMTP_TLS_KEY/],
    ['a key without its certificate', { SMTP_TLS_KEY: 'key.pem' }, /SMTP_TLS_CERT/],
    [
      'less memory than one mail may need',
      { MAX_BYTES_IN_FLIGHT: '1000', MAX_MESSAGE_BYTES: '2000' },
      /^MAX_BYTES_IN_FLIGHT: must be at least MAX_MESSAGE_BYTES/,
    ],
  ])('%s', (_what, env, expected) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(expected)])
  })

  test.each([
    ['PORT', '3000.5'],
    ['PORT', 'http'],
    ['SMTP_PORT', 'on'],
    ['PUBLIC_URL', 'localhost:3000'],
    ['PUBLIC_URL', 'smtp://x'],
    ['PARSE_TIMEOUT_MS', '0'],
    ['TRUSTED_RELAYS', 'localhost'],
    ['TRUSTED_RELAYS', '10.0.0.0/8, 300.1.1.1'],
    ['TRUSTED_RELAYS', '::/129'],
    ['INBOUND_EMAIL_DOMAIN', '-x.example'],
    ['INBOUND_EMAIL_DOMAIN', 'user@x.example'],
  ])('%s=%s is refused', (name, value) => {
    expect(problemsOf({ [name]: value }).map((problem) => problem.split(':')[0])).toEqual([name])
  })
})

describe('right settings', () => {
  test('no setting is required', () => {
    const config = readConfig({})
    expect(config).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      SMTP_PORT: 2525,
      LMTP_PORT: 2424,
      PUBLIC_URL: 'http://127.0.0.1:3000',
      RAILS_INBOUND_EMAIL_SERVICE: ['relay'],
      INBOUND_EMAIL_DOMAIN: 'reply.localhost',
      RUN_WORKER: true,
    })
    expect(config.DATA_DIR).toMatch(/^(\/|[A-Z]:).*data$/)
    expect(config.AUTHSERV_ID).toBeUndefined()
  })

  test('an empty or blank value counts as unset', () => {
    expect(readConfig(Object.fromEntries(Object.keys(settings).map((name) => [name, ' '])))).toEqual({
      ...readConfig({}),
      isTrustedRelay: expect.any(Function) as unknown,
      isHeaderProxy: expect.any(Function) as unknown,
      isClientProxy: expect.any(Function) as unknown,
    })
  })

  test('blanks around a value are removed', () => {
    expect(readConfig({ PORT: ' 3001 ', RAILS_INBOUND_EMAIL_SERVICE: ' relay , mailgun ,' })).toMatchObject({
      PORT: 3001,
      RAILS_INBOUND_EMAIL_SERVICE: ['relay', 'mailgun'],
    })
  })

  test('off opens no listener, 0 takes a free port', () => {
    expect(readConfig({ SMTP_PORT: 'off', LMTP_PORT: '0' })).toMatchObject({ SMTP_PORT: null, LMTP_PORT: 0 })
  })

  test.each([
    ['true', true],
    ['1', true],
    ['yes', true],
    ['false', false],
    ['0', false],
    ['no', false],
  ])('RUN_HTTP=%s is %s', (value, expected) => {
    expect(readConfig({ RUN_HTTP: value }).RUN_HTTP).toBe(expected)
  })

  test('the reply domain is compared in lower case', () => {
    expect(readConfig({ INBOUND_EMAIL_DOMAIN: 'Reply.Example.COM' }).INBOUND_EMAIL_DOMAIN).toBe('reply.example.com')
  })

  test('PUBLIC_URL is kept exactly: providers sign it', () => {
    expect(readConfig({ PUBLIC_URL: 'https://Mail.Example.com:443/x/' }).PUBLIC_URL).toBe(
      'https://Mail.Example.com:443/x/',
    )
  })
})

describe('other names', () => {
  test.each([
    ['INBOUND_EMAIL_SERVICE', 'mailgun', 'RAILS_INBOUND_EMAIL_SERVICE', ['mailgun']],
    ['MAILER_INBOUND_EMAIL_DOMAIN', 'r.example', 'INBOUND_EMAIL_DOMAIN', 'r.example'],
  ] as const)('%s is %s', (alias, value, name, expected) => {
    expect(readConfig({ [alias]: value })[name]).toEqual(expected)
  })

  test('our own name has precedence over the other', () => {
    expect(
      readConfig({ INBOUND_EMAIL_SERVICE: 'mailgun', RAILS_INBOUND_EMAIL_SERVICE: 'relay' })
        .RAILS_INBOUND_EMAIL_SERVICE,
    ).toEqual(['relay'])
  })
})

describe('networks', () => {
  const isInside = networkMatcher(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'])
  test.each(['10.1.2.3', '10.255.255.255', '192.0.2.7', '2001:db8:1::9', '::1', '::ffff:10.0.0.1', '::FFFF:192.0.2.7'])(
    '%s is inside',
    (address) => {
      expect(isInside(address)).toBe(true)
    },
  )

  test.each([
    '11.0.0.1',
    '192.0.2.8',
    '2001:db9::1',
    '::2',
    '::ffff:11.0.0.1',
    '',
    'localhost',
    '10.0.0.1, 10.0.0.2',
    '10.0.0',
    null,
    undefined,
  ])('%s is outside', (address) => {
    expect(isInside(address)).toBe(false)
  })

  test('an empty list trusts no address', () => {
    expect(networkMatcher([])('127.0.0.1')).toBe(false)
  })

  test('this machine is trusted by default', () => {
    expect(readConfig({}).isTrustedRelay('127.0.0.1')).toBe(true)
    expect(readConfig({ TRUSTED_RELAYS: '192.0.2.1' }).isTrustedRelay('127.0.0.1')).toBe(false)
  })
})
