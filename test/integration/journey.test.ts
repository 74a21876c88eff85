// What the README promises a newcomer, on the embedded database of a new folder: start, a mail by each ingress,
// the answer, the answer to it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { freshId, freshWords, mail } from '../support/mail.ts'
import { acceptedId, createDataDir, relayScript, runProgram, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const jane = 'jane@example.com'

describe('one command on an empty folder', () => {
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let service: Service
  let replyAddress: string

  beforeAll(async () => {
    folder = await createDataDir()
    service = await startProcess({ DATA_DIR: folder.path })
    replyAddress = service.replyAddress
  })
  afterAll(async () => {
    await service.kill()
    await folder.remove()
  })

  const reply = (words: string) =>
    mail({ From: `Jane Doe <${jane}>`, To: service.replyAddress, Subject: 'Re: Where is my order?' }, words)

  test('prints a reply address of 128 bits, a token and a password that work', async () => {
    expect(service.replyAddress).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)
    expect((await service.api('GET', '/api/v1/profile')).status).toBe(200)
    expect((await service.relay(reply('Hello.'), { to: service.replyAddress })).status).toBe(204)
    expect((await fetch(`${service.url}/ready`)).status).toBe(200)
  })

  test.each(['smtp', 'lmtp'] as const)(
    'a mail by %s is a message of the conversation, and the mail says why',
    async (protocol) => {
      const words = freshWords()
      const id = acceptedId(await service[protocol]({ from: jane, to: service.replyAddress, raw: reply(words) }))
      const email = await service.settled(id)
      expect(email).toMatchObject({
        status: 'delivered',
        reason: 'reply-address',
        ingress: protocol,
        from: jane,
        account_id: 1,
        conversation_id: 1,
        recipients: [{ address: 'reply+…@reply.localhost', learned_from: 'envelope' }],
      })
      expect(await service.messages(1)).toContainEqual(
        expect.objectContaining({ id: email.message_db_id, content: words, message_type: 0 }),
      )
    },
  )

  test.each(['/ingress/relay', '/rails/action_mailbox/relay/inbound_emails'])(
    'a mail by HTTP at %s is a message of the conversation',
    async (path) => {
      const words = freshWords()
      const email = await service.deliver(reply(words), { path, from: jane, to: service.replyAddress })
      expect(email).toMatchObject({
        status: 'delivered',
        reason: 'reply-address',
        ingress: 'relay',
        conversation_id: 1,
      })
      expect(await service.messages(1)).toContainEqual(
        expect.objectContaining({ id: email.message_db_id, content: words }),
      )
    },
  )

  test.each([
    [
      'rethread relay',
      () => ({ command: process.execPath, args: [relayScript.replace(/bin.*/, 'dist/main.js'), 'relay'] }),
    ],
    ['bin/rethread-relay', () => ({ command: relayScript, args: [] as string[] })],
  ])('a mail by %s ends with status 0 and is a message of the conversation', async (_name, program) => {
    const words = freshWords()
    const { command, args } = program()
    const done = await runProgram(
      command,
      [...args, '--url', service.url, '--mta', 'postfix', '--sender', jane, '--recipient', service.replyAddress],
      { env: { INGRESS_PASSWORD: service.password }, stdin: reply(words) },
    )
    expect(done).toMatchObject({ status: 0, stderr: '' })
    const message = await until('the message', async () =>
      (await service.messages(1)).find(({ content }) => content === words),
    )
    expect(message.message_type).toBe(0)
  })

  test('rethread relay with a wrong password ends with 75, so that the MTA keeps the mail', async () => {
    const done = await runProgram(relayScript, ['--url', service.url, '--recipient', service.replyAddress], {
      env: { INGRESS_PASSWORD: 'wrong' },
      stdin: reply('Hello.'),
    })
    expect(done.status).toBe(75)
    expect(done.stdout).toMatch(/^4\.\d+\.\d+ /)
  })

  test('`inbound show` prints each step of the trace with its result', async () => {
    const email = await service.deliver(reply(freshWords()), { to: service.replyAddress })
    const shown = await service.command(['inbound', 'show', String(email.id)])
    expect(shown.status).toBe(0)
    expect(shown.stdout).toContain(`inbound email ${String(email.id)}: delivered (reply-address)`)
    for (const { step, outcome } of email.trace) expect(shown.stdout).toMatch(new RegExp(`^ +${step} +${outcome}`, 'm'))
    expect(email.trace.map(({ step }) => step)).toEqual([
      'parse',
      'recipient',
      'conversation',
      'gate',
      'automation',
      'speaker',
      'authority',
      'decision',
    ])
  })

  test('`inbound show` of an ignored mail ends with the commands that can help, and they do', async () => {
    const newsletter = mail({ From: jane, To: service.inboxAddress, 'List-Id': '<news.example.com>' }, freshWords())
    const { id } = await service.deliver(newsletter, { to: service.inboxAddress })
    const { stdout } = await service.command(['inbound', 'show', String(id)])
    const offered = /^ +rethread (inbound open \d+) /m.exec(stdout)?.[1]
    expect(offered).toBe(`inbound open ${String(id)}`)
    const opened = await service.command(String(offered).split(' '))
    expect(opened.stdout).toMatch(/^Opened conversation \d+\./)
  })

  test('an answer through the API has a reply address, and the answer to it is in the same conversation', async () => {
    const question = { id: freshId(), words: freshWords() }
    await service.deliver(
      mail(
        {
          From: jane,
          To: service.replyAddress,
          Subject: 'Re: Where is my order?',
          'Message-ID': `<${question.id}>`,
          References: '<first@mua.example>',
        },
        question.words,
      ),
      { to: service.replyAddress },
    )
    const before = await service.outbox()
    const written = await service.api('POST', '/api/v1/accounts/1/conversations/1/messages', {
      content: 'It leaves **today**.',
    })
    expect(written.status).toBe(200)
    const sent = await until('the mail in the outbox', async () => (await service.outbox())[before.length])

    expect(sent.recipients).toEqual([jane])
    expect(sent.reversePath).toMatch(/^bounce\+[0-9a-f]{32}@reply\.localhost$/)
    expect(sent.address('Reply-To')).toBe(service.replyAddress)
    expect(sent.field('In-Reply-To')).toBe(`<${question.id}>`)
    expect(sent.field('References')).toMatch(
      new RegExp(`<first@mua\\.example> <${question.id.replaceAll('.', '\\.')}>$`),
    )
    expect(sent.field('Subject')).toBe('Re: Where is my order?')
    expect(sent.address('To')).toBe(jane)
    expect(sent.text).toContain('It leaves today.')
    expect(sent.text).toContain('<strong>today</strong>')

    const messageId = sent.address('Message-ID')
    expect(messageId).toMatch(/^[^@\s]+@reply\.localhost$/)
    await until('the message marked as sent', async () =>
      (await service.messages(1)).find(
        (message) => message.id === written.body.id && message.source_id === messageId && message.status === 'sent',
      ),
    )

    const words = freshWords()
    const answer = mail(
      {
        From: jane,
        To: sent.address('Reply-To'),
        Subject: 'Re: Where is my order?',
        'In-Reply-To': `<${messageId}>`,
        References: `<${messageId}>`,
      },
      words,
    )
    const email = await service.settled(
      acceptedId(await service.smtp({ from: jane, to: sent.address('Reply-To'), raw: answer })),
    )
    expect(email).toMatchObject({ status: 'delivered', conversation_id: 1 })
    expect(await service.messages(1)).toContainEqual(
      expect.objectContaining({ id: email.message_db_id, content: words }),
    )
  })

  test('after a stop it starts again on the same folder with the same addresses, and prints no secret', async () => {
    expect(await service.stop()).toMatchObject({ status: 0 })
    service = await startProcess({ DATA_DIR: folder.path })
    expect(service.stdout()).not.toMatch(/reply address|access token|ingress password/)
    expect(service.stdout()).not.toContain(service.token)
    const words = freshWords()
    const email = await service.deliver(mail({ From: jane, To: replyAddress }, words), { to: replyAddress })
    expect(email).toMatchObject({ status: 'delivered', reason: 'reply-address', conversation_id: 1 })
  })

  test('`doctor` finds no fault and the mail accounting is correct', async () => {
    const done = await service.command(['doctor'])
    expect(done.stdout).not.toMatch(/✗/)
    expect(done.status).toBe(0)
    const { accepted, unaccounted, ...states } = await service.balance()
    expect(unaccounted).toBe(0)
    expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(accepted)
  })
})
