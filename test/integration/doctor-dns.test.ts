// `rethread doctor --dns` and `rethread dns`, with a DNS of our own: each fault of a record is named with the record to
// paste, and a DNS that does not answer is never taken for a missing record.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type DnsServer, startDns, type Zone } from '../support/dns-server.ts'
import { type Service, startService } from '../support/service.ts'

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly attention?: boolean
  readonly detail: string
  readonly records?: readonly { readonly name: string; readonly type: string; readonly value: string }[]
}

// Each kind of fault at a domain of its own.
const zone: Zone = {
  'reply.acme.example': { MX: ['10 mail.acme.example'], TXT: ['v=spf1 a:mail.acme.example -all'] },
  'mail.acme.example': { A: ['192.0.2.25'] },
  '25.2.0.192.in-addr.arpa': { PTR: ['mail.acme.example'] },
  'acme.example': { TXT: ['v=spf1 mx ip4:192.0.2.0/28 ~all'], MX: ['10 mail.acme.example'] },
  's1._domainkey.acme.example': 'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ',
  '_dmarc.acme.example': 'v=DMARC1; p=quarantine',
  'reply.moved.example': { MX: ['10 mx.elsewhere.example'], TXT: ['v=spf1 +all'] },
  'mx.elsewhere.example': { A: ['198.51.100.1'] },
  'reply.double.example': { MX: ['0 .'], TXT: ['v=spf1 -all', 'v=spf1 a -all'] },
  'double.example': { TXT: ['v=spf1 ip4:203.0.113.9 -all'] },
  '_dmarc.double.example': { TXT: ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] },
  'reply.long.example': {
    MX: ['10 gone.long.example'],
    TXT: [`v=spf1 ${Array.from({ length: 11 }, (_, index) => `exists:e${String(index)}.example`).join(' ')} -all`],
  },
}

describe('doctor --dns', () => {
  let dns: DnsServer
  let service: Service
  let checks: readonly Check[]
  const check = (name: string): Check => {
    const found = checks.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no line ${name} among ${checks.map((one) => one.name).join(', ')}`)
    return found
  }
  beforeAll(async () => {
    dns = await startDns(zone)
    service = await startService({
      env: {
        INBOUND_EMAIL_DOMAIN: 'reply.acme.example',
        MAILER_SENDER_EMAIL: 'Acme <help@acme.example>',
        MAIL_HOST: 'mail.acme.example',
        OUTBOUND_SMTP_URL: 'smtp://127.0.0.1:9',
        DNS_SERVERS: dns.address,
      },
    })
    for (const [id, name] of ['moved', 'double', 'long'].entries())
      await service.sql(
        `insert into accounts (id, name, domain, support_email) values ($1, $2, 'reply.' || $2 || '.example', $3)`,
        [50 + id, name, name === 'double' ? 'help@double.example' : null],
      )
    await service.sql(
      `with u as (
         insert into users (name, email, confirmed_at) values ('Maria', 'maria@reply.moved.example', now()) returning id
       )
       insert into account_users (account_id, user_id, role) select 50, id, 'agent' from u`,
    )
    const { status, stdout } = await service.command(['doctor', '--dns', '--json'])
    expect(status).toBe(1)
    checks = (JSON.parse(stdout) as { checks: Check[] }).checks
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await dns.stop()
  })

  test('a domain whose records are right passes every check', () => {
    const names = [
      'reply domain reply.acme.example',
      'MX of reply.acme.example',
      'SPF of reply.acme.example',
      'SPF of acme.example',
      'DKIM of acme.example',
      'DMARC of acme.example',
      'reverse DNS',
    ]
    expect(names.map(check).filter(({ ok, attention }) => !ok || attention === true)).toEqual([])
    expect(check('SPF of acme.example').detail).toMatch(/1 of 10 lookups, and permits mail\.acme\.example/)
    expect(check('reverse DNS').detail).toBe('192.0.2.25 is mail.acme.example')
  })

  test.each([
    ['MX of reply.moved.example', /names mx\.elsewhere\.example, and MAIL_HOST is mail\.acme\.example/],
    ['MX of reply.double.example', /null MX/],
    ['MX of reply.long.example', /names gone\.long\.example, which has no address/],
    ['SPF of reply.moved.example', /every server of the world/],
    ['SPF of reply.double.example', /has 2 SPF records/],
    ['SPF of reply.long.example', /needs 11 lookups, and receivers stop after 10/],
    ['SPF of double.example', /does not name mail\.acme\.example, over which mail leaves: add a:mail\.acme\.example/],
    ['DMARC of double.example', /several DMARC records/],
  ])('%s is a fault', (name, detail) => {
    expect(check(name)).toMatchObject({ ok: false, detail: expect.stringMatching(detail) as string })
  })

  test('the record to paste keeps what the old one says', () => {
    expect(check('SPF of double.example').records).toEqual([
      { name: 'double.example', type: 'TXT', value: 'v=spf1 a:mail.acme.example ip4:203.0.113.9 -all' },
    ])
    expect(check('MX of reply.moved.example').records).toEqual([
      { name: 'reply.moved.example', type: 'MX', value: '10 mail.acme.example.' },
    ])
  })

  test('a reply domain that is the domain of an agent is a warning (Ticket Trick)', () => {
    expect(check('reply domain reply.moved.example')).toMatchObject({
      ok: true,
      attention: true,
      detail: expect.stringMatching(/agents have their mailboxes at reply\.moved\.example/) as string,
    })
  })

  test('a missing DKIM key under the usual selectors is a warning, not a fault', () => {
    expect(check('DKIM of double.example')).toMatchObject({ ok: true, attention: true })
  })

  test('records stand below the line in the terminal, and plain doctor asks no DNS server', async () => {
    const { stdout } = await service.command(['doctor', '--dns'])
    expect(stdout).toMatch(
      /^✗ MX of reply\.moved\.example: .*\n {4}reply\.moved\.example\. 3600 IN MX 10 mail\.acme\.example\.$/m,
    )
    const before = dns.asked.length
    expect((await service.command(['doctor'])).stdout).not.toContain('MX of')
    expect(dns.asked.length).toBe(before)
  })

  test('rethread dns prints the records of one account, of a new domain, and as JSON', async () => {
    const { stdout } = await service.command(['dns', '--account', '51'])
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith(';'))).toEqual([
      'reply.double.example. 3600 IN MX 10 mail.acme.example.',
      'reply.double.example. 3600 IN TXT "v=spf1 a:mail.acme.example -all"',
      'double.example. 3600 IN TXT "v=spf1 a:mail.acme.example ~all"',
      'SELECTOR._domainkey.double.example. 3600 IN TXT "v=DKIM1; k=rsa; p=PUBLIC-KEY"',
      '_dmarc.double.example. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@double.example"',
    ])
    expect(stdout).toMatch(/; Reverse DNS: .* needs a PTR record that names mail\.acme\.example/)
    const json = JSON.parse((await service.command(['dns', 'reply.new.example', '--json'])).stdout) as {
      records: { name: string }[]
    }
    expect(json.records.map(({ name }) => name)).toContain('_dmarc.new.example')
    expect((await service.command(['dns', '--account', '4711'])).stderr).toContain('There is no account 4711')
    expect((await service.command(['dns', 'no domain'])).stderr).toContain('domain must be a domain name')
  })

  test('an administrator of an account gets the checks of its own domains, and nothing of the server or of others', async () => {
    const addUser = async (role: string) => {
      const path = '/api/v1/installation/accounts/51/account_users'
      const { body } = await service.api('POST', path, { email: `${role}@double.example`, name: role, role })
      return String(body.access_token)
    }
    const read = (token: string, accountId = 51) =>
      service.api('GET', `/api/v1/accounts/${String(accountId)}/doctor`, undefined, token)
    const administrator = await addUser('administrator')
    const { status, body } = await read(administrator)
    expect(status).toBe(200)
    expect((body.checks as Check[]).map(({ name }) => name).sort()).toEqual([
      'DKIM of double.example',
      'DMARC of double.example',
      'MX of reply.double.example',
      'SPF of double.example',
      'SPF of reply.double.example',
      'reply domain reply.double.example',
    ])
    const before = dns.asked.length
    expect(before).toBeGreaterThan(0)
    expect((await read(administrator)).body).toEqual(body)
    expect(dns.asked.length).toBe(before)
    expect((await read(administrator, 50)).status).toBe(401)
    expect((await read(await addUser('agent'))).status).toBe(401)
    expect((await service.api('GET', '/api/v1/doctor', undefined, administrator)).status).toBe(401)
  })

  test('a DNS that does not answer leaves everything unknown, and nothing wrong, within 20 seconds', async () => {
    dns.fallSilent()
    const start = performance.now()
    const { stdout } = await service.command(['doctor', '--dns', '--json'])
    expect(performance.now() - start).toBeLessThan(20_000)
    checks = (JSON.parse(stdout) as { checks: Check[] }).checks
    const looked = checks.filter(({ name }) => /^(?:MX|SPF|DKIM|DMARC) of |^reverse DNS$/.test(name))
    expect(looked.length).toBeGreaterThan(10)
    for (const one of looked)
      expect(one).toMatchObject({
        ok: true,
        attention: true,
        detail: expect.stringMatching(/could not be looked up \(.*does not answer\)/) as string,
      })
    expect(looked.filter(({ records }) => records !== undefined)).toEqual([])
  }, 30_000)
})
