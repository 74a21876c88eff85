// What is kept of a mail, and what a person may do with it: read it byte for byte, hold, replay, file, take back,
// explain, incinerate.

import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { describeOnEachDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAccount, addConversation, addCorrespondence, countRows, findEverywhere } from '../support/people.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const jane = 'jane@example.com'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describeOnEachDatabase('an accepted mail', (member) => {
  const service = useService({ on: member })
  const all = '/api/v1/inbound_emails'

  let count = 0
  const freshAddress = (name: string) => `${name}${String(++count)}@customer.example`
  const setFeature = async (on: boolean) => {
    const done = await service.api('PATCH', '/api/v1/accounts/1', { features: { inbound_emails: on } })
    if (done.status === 200) return
    await service.sql(
      on
        ? `update accounts set features = features || '{inbound_emails}' where id = 1`
        : `update accounts set features = array_remove(features, 'inbound_emails') where id = 1`,
    )
  }

  describe('is kept byte for byte', () => {
    const head = (id: string) => `From: ${jane}\r\nMessage-ID: <${id}>\r\nSubject: bytes`
    const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const bodies: [string, (id: string) => Buffer][] = [
      ['8-bit text that is no UTF-8', (id) => Buffer.from(`${head(id)}\r\n\r\ncaf\xe9 \xff\xfe\x80\r\n`, 'latin1')],
      ['NUL bytes', (id) => Buffer.from(`${head(id)}\r\n\r\na\0b\0\r\n`, 'latin1')],
      [
        'lines that end with LF only',
        (id) => Buffer.from(`${head(id).replaceAll('\r', '')}\n\none\ntwo\n.\n..\n`, 'latin1'),
      ],
      ['lone CR', (id) => Buffer.from(`${head(id)}\r\n\r\none\rtwo\r\rthree\r\n`, 'latin1')],
      [
        'every octet there is',
        (id) => Buffer.concat([Buffer.from(`${head(id)}\r\n\r\n`), octets, octets, Buffer.from('end\r\n')]),
      ],
      ['dots at the beginning of lines', (id) => Buffer.from(`${head(id)}\r\n\r\n.\r\n..\r\n.x\r\n`, 'latin1')],
    ]

    test.each(bodies)('over HTTP: %s', async (_name, make) => {
      const raw = make(freshId())
      const email = await service.deliver(raw, { to: service.replyAddress })
      const kept = await service.api('GET', `${all}/${String(email.id)}/raw`)
      expect(kept.headers.get('content-type')).toBe('message/rfc822')
      expect(sha256(kept.bytes)).toBe(sha256(raw))
      expect(email.size).toBe(raw.length)
    })

    test('over HTTP: a mail without a final line break', async () => {
      const raw = Buffer.from(`${head(freshId())}\r\n\r\nno end`, 'latin1')
      const email = await service.deliver(raw, { to: service.replyAddress })
      expect(sha256((await service.api('GET', `${all}/${String(email.id)}/raw`)).bytes)).toBe(sha256(raw))
    })

    const overMail = (['smtp', 'lmtp'] as const).flatMap((protocol) =>
      bodies.filter(([name]) => !name.includes('LF only')).map(([name, make]) => [protocol, name, make] as const),
    )
    test.each(overMail)('over %s: %s', async (protocol, _name, make) => {
      const raw = make(freshId())
      const id = acceptedId(await service[protocol]({ from: jane, to: service.replyAddress, raw }))
      expect(sha256((await service.api('GET', `${all}/${String(id)}/raw`)).bytes)).toBe(sha256(raw))
    })
  })

  test('a delivered mail that is replayed is not appended again', async () => {
    const words = freshWords()
    const email = await service.deliver(mail({ From: jane, To: service.replyAddress }, words), {
      to: service.replyAddress,
    })
    const again = await service.api('POST', `${all}/${String(email.id)}/replay`)
    expect(again.body).toMatchObject({ id: email.id, status: 'delivered', message_db_id: email.message_db_id })
    expect((await service.messages(1)).filter(({ content }) => content === words)).toHaveLength(1)
  })

  test('with the feature off it is held, and a replay delivers it once the feature is on', async () => {
    await setFeature(false)
    try {
      const words = freshWords()
      const raw = mail({ From: jane, To: service.replyAddress }, words)
      const { recipients, data } = await service.smtp({ from: jane, to: service.replyAddress, raw })
      expect(recipients[0]).toMatch(/^250/)
      const email = await service.settled(acceptedId({ recipients, data }))
      expect(email).toMatchObject({ status: 'held', reason: 'feature-off', account_id: 1, message_db_id: null })
      expect((await service.api('POST', `${all}/${String(email.id)}/replay`)).body).toMatchObject({
        status: 'held',
        reason: 'feature-off',
      })
      await setFeature(true)
      // Switching the feature on may have released it already; then the replay changes nothing.
      await service.api('POST', `${all}/${String(email.id)}/replay`)
      expect(await service.settled(email.id)).toMatchObject({
        status: 'delivered',
        reason: 'reply-address',
        conversation_id: 1,
      })
      expect((await service.messages(1)).filter(({ content }) => content === words)).toHaveLength(1)
    } finally {
      await setFeature(true)
    }
  })

  test('`rethread account` switches the feature, `rethread inbound replay` runs a held mail again', async () => {
    expect(await service.command(['account', 'disable-feature', '1', 'inbound_emails'])).toMatchObject({ status: 0 })
    const email = await service.deliver(mail({ From: jane, To: service.replyAddress }), { to: service.replyAddress })
    expect(email).toMatchObject({ status: 'held', reason: 'feature-off' })
    expect(await service.command(['account', 'enable-feature', '1', 'inbound_emails'])).toMatchObject({ status: 0 })
    expect(await service.command(['inbound', 'replay', String(email.id)])).toMatchObject({ status: 0 })
    expect(await service.settled(email.id)).toMatchObject({ status: 'delivered' })
  })

  test(
    'for an inbox of the API it is delivered; after the inbox is deleted, its record stays and ' + 'new mail is held',
    async () => {
      const inbox = (
        await service.api('POST', '/api/v1/accounts/1/inboxes', {
          name: 'Short lived',
          channel: { type: 'email', email: 'short@lived.example' },
        })
      ).body
      const addresses = ['short@lived.example', inbox.forward_to_email as string]
      const early = []
      for (const to of addresses)
        early.push(await service.deliver(mail({ From: freshAddress('early'), To: to }), { to }))
      for (const email of early)
        expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation', account_id: 1 })
      expect((await service.api('DELETE', `/api/v1/accounts/1/inboxes/${String(inbox.id)}`)).status).toBe(200)
      for (const { id } of early) {
        expect((await service.api('GET', `${all}/${String(id)}`)).body).toMatchObject({
          status: 'delivered',
          account_id: 1,
        })
        expect((await service.api('GET', `${all}/${String(id)}/raw`)).status).toBe(200)
      }
      for (const to of addresses)
        expect(await service.deliver(mail({ From: freshAddress('late'), To: to }), { to })).toMatchObject({
          status: 'held',
          reason: 'unknown-recipient',
        })
    },
  )

  test('`rethread account` adds an agent, suspends an account, and deletes it when its name is given', async () => {
    const created = await service.command(['account', 'create', 'Brief'])
    const id = /^(\d+) /m.exec(created.stdout)?.[1] ?? ''
    const added = await service.command([
      'account',
      'add-agent',
      id,
      'first@brief.example',
      '--name',
      'Fay First',
      '--role',
      'administrator',
    ])
    expect(added).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^\d+ {2}Fay First {2}first@brief\.example {2}administrator {2}token [\w-]{32} \(shown once\)\n$/,
      ),
    })
    expect(await service.command(['account', 'add-agent', id, 'nobody'])).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('Email is invalid'),
    })
    expect(await service.command(['account', 'add-agent', id])).toMatchObject({ status: 64 })
    expect(await service.command(['account', 'delete', id])).toMatchObject({
      status: 0,
      stdout: `Account ${id} (Brief) is suspended. Undo: rethread account set ${id} --status active\n`,
    })
    expect(await service.command(['account', 'delete', id, '--confirm', 'Other'])).toMatchObject({ status: 65 })
    expect(await service.command(['account', 'delete', id, '--confirm', 'Brief'])).toMatchObject({ status: 0 })
    expect(await service.command(['account', 'show', id])).toMatchObject({ status: 65 })
  })

  test('for a suspended account it is held', async () => {
    const other = await addAccount(service, { domain: 'mail.suspended.example', inboxEmail: 'help@suspended.example' })
    await service.sql(`update accounts set status = 'suspended' where id = $1`, [other.accountId])
    const email = await service.deliver(mail({ From: jane, To: 'help@suspended.example' }), {
      to: 'help@suspended.example',
    })
    expect(email).toMatchObject({ status: 'held', reason: 'account-suspended', account_id: other.accountId })
  })

  test('for an unknown address it is refused at RCPT with 550 5.1.1, and held over HTTP', async () => {
    for (const unknown of [
      `reply+${'0'.repeat(32)}@reply.localhost`,
      'nobody@reply.localhost',
      `${service.replyAddress.split('@')[0] ?? ''}@elsewhere.example`,
    ]) {
      for (const protocol of ['smtp', 'lmtp'] as const) {
        const { recipients, data } = await service[protocol]({ from: jane, to: unknown, raw: mail({ From: jane }) })
        expect(recipients[0]).toMatch(/^550 5\.1\.1 /)
        expect(data).toEqual([])
      }
      expect(await service.deliver(mail({ From: jane, To: unknown }), { to: unknown })).toMatchObject({
        status: 'held',
        reason: 'unknown-recipient',
        account_id: null,
      })
    }
  })

  test('a held mail is filed by hand into a conversation, once, and filing is undone', async () => {
    const place = await addConversation(service, freshAddress('files'))
    const words = freshWords()
    const held = await service.deliver(mail({ From: freshAddress('stranger'), To: 'nobody@reply.localhost' }, words), {
      to: 'nobody@reply.localhost',
    })
    expect(held.status).toBe('held')
    const filed = await service.api('POST', `${all}/${String(held.id)}/file`, {
      conversation_id: place.displayId,
      account_id: 1,
    })
    expect(filed.status).toBe(200)
    expect(filed.body).toMatchObject({
      status: 'delivered',
      reason: 'filed-by-hand',
      account_id: 1,
      conversation_id: place.displayId,
    })
    expect((await service.messages(place.displayId)).filter(({ content }) => content === words)).toHaveLength(1)
    expect(
      (await service.api('POST', `${all}/${String(held.id)}/file`, { conversation_id: 1, account_id: 1 })).status,
    ).toBe(409)
    const back = await service.api('DELETE', `${all}/${String(held.id)}/file`)
    expect(back.body).toMatchObject({ status: 'held', reason: 'taken-back', message_db_id: null })
    expect((await service.messages(place.displayId)).filter(({ content }) => content === words)).toEqual([])
    expect((await service.api('DELETE', `${all}/${String(held.id)}/file`)).status).toBe(409)
    const again = await service.api('POST', `${all}/${String(held.id)}/file`, {
      conversation_id: place.displayId,
      account_id: 1,
    })
    expect(again.body).toMatchObject({ status: 'delivered', reason: 'filed-by-hand' })
  })

  test('an incinerated mail is erased: raw message, message, attachment, and every copy in the database', async () => {
    const needle = `needle${Math.random().toString(36).slice(2)}`
    const place = await addCorrespondence(service, freshAddress('burns'))
    const raw = mail(
      {
        From: `${needle}-name <${place.email}>`,
        To: place.replyAddress,
        Subject: `${needle} subject`,
        'Message-ID': `<${needle}@mua.example>`,
        'Content-Type': 'multipart/mixed; boundary=b',
        'MIME-Version': '1.0',
      },
      `--b\r\nContent-Type: text/plain\r\n\r\n${needle} text\r\n--b\r\nContent-Type: text/plain; ` +
        `name="${needle}.txt"\r\nContent-Disposition: attachment; filename="${needle}.txt"\r\n\r\n${needle} ` +
        `file\r\n--b--`,
    )
    const email = await service.deliver(raw, { from: `${needle}@mua.example`, to: place.replyAddress })
    expect(email).toMatchObject({ status: 'delivered' })
    // Its words for searching are written in their own time.
    const found = async () =>
      (await findEverywhere(service, needle)).filter((table) => table !== 'message_words').sort()
    expect(await found()).toEqual(['attachments', 'blobs', 'inbound_emails', 'messages', 'raw_emails'])
    expect((await service.api('DELETE', `${all}/${String(email.id)}`)).status).toBe(200)
    expect(await found()).toEqual([])
    await until('no copy', async () => (await findEverywhere(service, needle)).length === 0)
    for (const path of ['', '/raw'])
      expect((await service.api('GET', `${all}/${String(email.id)}${path}`)).status).toBe(404)
    expect((await service.balance())['unaccounted']).toBe(0)
  })

  test('one of two mails with the same file is incinerated; the other keeps it', async () => {
    const file = freshWords()
    const send = () =>
      service.deliver(
        mail(
          {
            From: jane,
            To: service.replyAddress,
            'Content-Type': 'multipart/mixed; boundary=b',
            'MIME-Version': '1.0',
          },
          `--b\r\n\r\n${freshWords()}\r\n--b\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\n` +
            `${file}\r\n--b--`,
        ),
        { to: service.replyAddress },
      )
    const [one, two] = [await send(), await send()]
    await service.api('DELETE', `${all}/${String(one.id)}`)
    expect(await findEverywhere(service, file)).toEqual(['blobs', 'raw_emails'])
    await service.api('DELETE', `${all}/${String(two.id)}`)
    expect(await findEverywhere(service, file)).toEqual([])
  })

  test('`explain` writes nothing, and predicts the stored trace', async () => {
    const raw = mail({ From: freshAddress('curious'), To: service.inboxAddress, Subject: 'What if' })
    const before = await countRows(service)
    const explained = await service.explain(raw, { from: jane, to: service.inboxAddress })
    expect(explained.status).toBe(200)
    expect(await countRows(service)).toEqual(before)
    const email = await service.deliver(raw, { from: jane, to: service.inboxAddress })
    expect(explained.body).toMatchObject({
      status: email.status,
      reason: email.reason,
      account_id: email.account_id,
      trace: email.trace,
    })
    const command = await service.command(['explain', '--recipient', service.inboxAddress, '-'], raw)
    expect(command.status).toBe(0)
    expect(command.stdout).toContain('duplicate-message')
  })

  test("an account sees its own mail only, and requests reveal nothing of another's", async () => {
    const other = await addAccount(service, { domain: 'mail.curious.example', inboxEmail: 'help@curious.example' })
    await service.sql(
      'insert into account_users (account_id, user_id, role) select $1, id, $2 from users order by id limit 1',
      [other.accountId, 'administrator'],
    )
    const email = await service.deliver(mail({ From: jane, To: service.replyAddress }), { to: service.replyAddress })
    const path = `/api/v1/accounts/${String(other.accountId)}/inbound_emails`
    for (const [method, rest] of [
      ['GET', ''],
      ['GET', '/raw'],
      ['POST', '/replay'],
      ['DELETE', ''],
    ] as const)
      expect((await service.api(method, `${path}/${String(email.id)}${rest}`)).status).toBe(404)
    const asked = await service.api(
      'POST',
      `${path}/explain?recipient=${encodeURIComponent(service.replyAddress)}`,
      mail({ From: jane, To: service.replyAddress }),
    )
    expect(asked.body).toMatchObject({
      status: 'held',
      reason: 'unknown-recipient',
      account_id: null,
      conversation_id: null,
    })
    expect((await service.api('GET', path)).body.payload).toEqual([])
  })
})
