// The command line: help and version start nothing, what is not known is refused with 64 and a sentence, and events
// come into the terminal.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { commands } from '../../src/cli/registry.ts'
import { freshWords, mail } from '../support/mail.ts'
import { isGenuine, startReceiver } from '../support/receiver.ts'
import { createDataDir, runProgram, type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const program = join(root, 'dist', 'main.js')
const run = (...args: string[]) => runProgram(process.execPath, [program, ...args])

describe('help and usage', () => {
  const subcommands = Object.entries(commands).flatMap(([name, command]) =>
    Object.entries(command.subcommands).map(([word, spec]) => ({ words: word === '' ? [name] : [name, word], spec })),
  )

  test('help of every command and subcommand has its options and an example, and has no side effects', async () => {
    for (const { words, spec } of subcommands) {
      const { status, stdout, stderr } = await run(...words, '--help')
      expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' })
      for (const option of Object.keys(spec.options ?? {})) expect(stdout).toContain(`--${option}`)
      expect(stdout).toContain(`Example: rethread ${spec.example}`)
    }
  }, 60_000)

  test('the general help has a line for each command, with its words below one another', async () => {
    const { stdout } = await run('--help')
    const lines = stdout.split('\n').flatMap((line) => /^ {2}([a-z]+ +)[a-z]/.exec(line)?.[1] ?? [])
    expect(lines.map((line) => line.trim())).toEqual(expect.arrayContaining(Object.keys(commands)))
    const ofCommands = lines.filter((line) => line.trim() in commands)
    expect(new Set(ofCommands.map((line) => line.length)).size).toBe(1)
  })

  test('the version is one line', async () => {
    expect((await run('--version')).stdout).toMatch(/^rethread \d+\.\d+\.\d+ \(node \d+\.\d+\.\d+\)\n$/)
  })

  test.each([
    [['nonsense'], 'There is no command "nonsense".'],
    [['constructor'], 'There is no command "constructor".'],
    [['serve', '--bogus'], "Unknown option '--bogus'."],
    [['serve', 'extra'], 'Unexpected argument "extra".'],
    [['doctor', 'extra'], 'Unexpected argument "extra".'],
    [['inbound', 'foo'], 'There is no command "inbound foo"'],
    [['inbound', 'show'], 'ID is missing.'],
    [['inbound', 'show', 'abc'], '"abc" is not an id.'],
    [['inbound', 'show', '1', '2'], 'Unexpected argument "2".'],
    [['inbound', 'list', '--status'], "Option '--status <value>' argument missing."],
    [['contacts'], 'rethread contacts needs one of: import.'],
    [['parse'], 'FILE is missing.'],
    [['setup', 'relay'], 'relay needs no setup here: see docs/install/mail-in/README.md.'],
    [['account', 'enable-feature', '1', 'nope'], 'Unknown feature "nope". Known features: inbound_emails'],
  ])('%j is refused with 64 and a message', async (args, sentence) => {
    const { status, stdout, stderr } = await run(...args)
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' })
    expect(stderr).toContain(sentence)
  })
})

describe('against a service', () => {
  let service: Service
  beforeAll(async () => {
    service = await startService({ env: { SAFE_URL_ALLOW: '127.0.0.1' } })
  })
  afterAll(() => service.kill())

  test.each([
    [['inbound', 'show', '99999'], 'There is no inbound email 99999.'],
    [['account', 'show', '99999'], 'There is no account 99999.'],
    [['inbox', 'set', '1', '99', '--email', 'a@example.com'], 'There is no inbox 99 in account 1.'],
    [['domains', 'remove', 'nope.example'], 'There is no former domain nope.example.'],
    [['suppression', 'remove', 'nope@example.com'], 'nope@example.com is not on the list of suppressed addresses.'],
  ])('%j names the missing record', async (args, sentence) => {
    const { status, stderr } = await service.command(args)
    expect(status).toBe(65)
    expect(stderr).toContain(sentence)
  })

  test('suppressed addresses are listed, searched and removed', async () => {
    for (const email of ['ann@acme.example', 'bob@other.example'])
      await service.api('POST', '/api/v1/accounts/1/suppressed_addresses', { email, reason: 'asked by phone' })
    const listed = await service.command(['suppression', 'list', 'acme'])
    expect(listed.stdout).toMatch(
      /^address +reason +since +detail\nann@acme\.example +manual +\d{4}-\d\d-\d\d +asked by phone\n$/,
    )
    const removed = await service.command(['suppression', 'remove', 'Ann@Acme.example', '--yes'])
    expect(removed).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('ann@acme.example leaves again') as string,
    })
    const { stdout } = await service.command(['suppression', '--json'])
    const { meta, payload } = JSON.parse(stdout) as { meta: object; payload: { email: string }[] }
    expect(meta).toMatchObject({ count: 1 })
    expect(payload.map(({ email }) => email)).toEqual(['bob@other.example'])
    expect((await service.command(['suppression', 'list', 'acme'])).stdout).toBe('No address is suppressed.\n')
  })

  test('subcommands print their result as a sentence', async () => {
    const delivered = await service.deliver(mail({ From: 'bob@example.com' }), { to: service.inboxAddress })
    const id = String(delivered.id)
    const replayed = await service.command(['inbound', 'replay', id])
    expect(replayed.stdout).toMatch(/^Already delivered; nothing to replay\.\n/)
    expect(JSON.parse((await service.command(['inbound', 'replay', id, '--json'])).stdout)).toMatchObject({
      status: 'delivered',
    })
    const filed = await service.command(['inbound', 'file', id, '9999'])
    expect(filed.stderr).toContain('There is no conversation 9999 in account 1.')
    const add = () => service.command(['account', 'add-agent', '1', 'maria@acme.example', '--name', 'Maria'])
    expect((await add()).status).toBe(0)
    const again = await add()
    expect([again.status, again.stderr]).toEqual([
      65,
      expect.stringContaining('maria@acme.example is already in account 1.'),
    ])
    const made = await service.api('POST', '/api/v1/installation/accounts', { name: 'Brief' })
    const account = String(made.body.id)
    expect((await service.command(['account', 'delete', account])).stdout).toBe(
      `Account ${account} (Brief) is suspended. Undo: rethread account set ${account} --status active\n`,
    )
  })

  test('tables have headings', async () => {
    expect((await service.command(['account', 'list'])).stdout).toMatch(/^id +name +status +domain +features\n1 +Acme/)
    expect((await service.command(['domains', 'list'])).stdout).toMatch(/reply\.localhost +all +current/)
    expect((await service.command(['inbox', 'list', '1'])).stdout).toMatch(/support@reply\.localhost/)
  })

  test('`try` prints commands with a valid reply address, and they work', async () => {
    const { status, stdout } = await runProgram(process.execPath, [program, 'try'], {
      env: { RETHREAD_URL: service.url, DATA_DIR: service.dataDir, SMTP_PORT: String(service.ports.smtp) },
    })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^ {2}reply address +reply\+[0-9a-f]+@reply\.localhost$/m)
    expect(stdout).toContain(`  access token          ${service.token}\n`)
    const pasted = stdout.split('\n').filter((line) => /^ +(printf|curl) /.test(line))
    const said = await Promise.all(pasted.map(async (line) => (await runProgram('sh', ['-c', line])).stdout))
    expect(said).toEqual(['', expect.stringContaining('204'), expect.stringContaining('Good to hear!')])
    await until('the replies in their conversation', async () => {
      const words = (await service.messages(1)).map(({ content }) => content)
      return ['smtp', 'http'].every((by) => words.includes(`It has arrived, thank you! (${by})`))
    })
  })

  test('`try` names missing preconditions', async () => {
    const made = await service.api('POST', '/api/v1/installation/accounts', { name: 'Empty' })
    const id = String(made.body.id)
    const empty = await service.command(['try', '--account', id])
    expect(empty.status).toBe(65)
    expect(empty.stderr).toContain(`There is no open conversation in account ${id}.`)
    const none = await service.command(['try', '--account', '999'])
    expect(none.status).toBe(65)
    expect(none.stderr).toContain('There is no account 999.')
    const wrong = await runProgram(process.execPath, [program, 'try'], {
      env: { RETHREAD_URL: service.url, RETHREAD_TOKEN: 'wrong' },
    })
    expect(wrong.status).toBe(77)
    const away = await runProgram(process.execPath, [program, 'try'], {
      env: { RETHREAD_URL: 'http://127.0.0.1:9', RETHREAD_TOKEN: 'any' },
    })
    expect(away).toMatchObject({ status: 69, stdout: '' })
    expect(away.stderr).toContain('no service answers at http://127.0.0.1:9')
    const bare = await runProgram(process.execPath, [program, 'try'], {
      env: { RETHREAD_URL: service.url, DATA_DIR: '/nowhere' },
    })
    expect(bare.status).toBe(77)
    expect(bare.stderr).toContain('there is no access token')
  })

  test('`webhooks listen` prints events live', async () => {
    const child = spawn(process.execPath, [program, 'webhooks', 'listen'], {
      env: { ...process.env, RETHREAD_URL: service.url, RETHREAD_TOKEN: service.token },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    const words = freshWords()
    await once(child.stderr, 'data')
    await until('the event', async () => {
      if (printed.includes(words)) return true
      await service.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content: words, private: true })
      return printed.includes(words)
    })
    child.kill()
    expect(printed).toMatch(/^message\.created {2}\{/m)
  })

  test('`webhooks test` posts a signed event and prints the result', async () => {
    const receiver = await startReceiver()
    const hook = async (url: string) => {
      const made = await service.api('POST', '/api/v1/accounts/1/webhooks', { url })
      return made.body.payload.webhook as { id: number; secret: string }
    }
    const { id, secret } = await hook(`${receiver.origin}/hook`)
    const well = await service.command(['webhooks', 'test', String(id)])
    expect(well).toMatchObject({ status: 0, stderr: '' })
    expect(well.stdout).toMatch(/^The receiver answered 200 in \d+ ms\.\n$/)
    const [posted] = receiver.at('/hook').filter(({ body }) => body.event === 'webhook_test')
    expect(posted?.body).toMatchObject({ test: true, account: { id: 1, name: 'Acme' }, webhook: { id } })
    expect(posted === undefined ? false : isGenuine(posted, secret)).toBe(true)
    receiver.answerWith((_post, response) => void response.writeHead(500).end('no'))
    const refused = await service.command(['webhooks', 'test', String(id)])
    expect(refused.status).toBe(65)
    expect(refused.stdout).toMatch(/^The receiver answered 500 in /)
    const hidden = await service.command(['webhooks', 'test', String((await hook('http://10.0.0.9/')).id)])
    expect(hidden.status).toBe(65)
    expect(hidden.stderr).toContain('not asked: 10.0.0.9 is a private address; SAFE_URL_ALLOW may name it')
    expect((await service.command(['webhooks', 'test', '999'])).stderr).toContain(
      'There is no webhook 999 in account 1.',
    )
    const listed = await service.command(['webhooks', 'deliveries', String(id)])
    expect(listed.stdout).toMatch(/^id +event +state +last answer/)
    await receiver.stop()
  })

  test('an empty body is refused with a message, except on the path of Rails', async () => {
    const own = await service.relay(Buffer.alloc(0), { to: service.inboxAddress })
    expect(own.status).toBe(422)
    expect(own.text).toContain('The body is empty')
    const rails = await service.relay(Buffer.alloc(0), {
      to: service.inboxAddress,
      path: '/rails/action_mailbox/relay/inbound_emails',
    })
    expect(rails.status).toBe(204)
    expect((await service.relay(mail({ From: 'a@example.com' }), { to: service.inboxAddress })).status).toBe(204)
  })
})

test('SIGTERM to `npm start` ends the service', async () => {
  const folder = await createDataDir()
  const env = { ...process.env, DATA_DIR: folder.path, PORT: '0', SMTP_PORT: '0', LMTP_PORT: '0' }
  const npm = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await until('the start', () => Promise.resolve(said.includes('Rethread is ready')), 30_000)
  npm.kill('SIGTERM')
  await until('the end of the service', () => Promise.resolve(said.includes('"event":"stopped"')), 20_000)
  await folder.remove()
}, 60_000)
