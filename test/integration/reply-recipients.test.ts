// The recipients of the next reply: the listed addresses get it, and a mail that could be forged adds none.

import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAgent, addCorrespondence } from '../support/people.ts'
import { until } from '../support/until.ts'

const authserv = 'mx.reply.example'

describeWithDatabase('recipients of the next reply', () => {
  const service = useService({ env: { AUTHSERV_ID: authserv, MAILER_SENDER_EMAIL: 'Acme <noreply@acme.example>' } })
  beforeAll(async () => {
    await addAgent(service, 'gus@agents.example')
  })

  const fresh = (name: string) => `${name}.${freshId().slice(0, 8)}@customer.example`.toLowerCase()
  const conversation = (id: number | null) => `/api/v1/accounts/1/conversations/${String(id)}`
  const recipients = async (id: number | null) => {
    const { status, body } = await service.api('GET', `${conversation(id)}/reply_recipients`)
    expect(status).toBe(200)
    return body as Record<'to' | 'cc' | 'bcc' | 'left_out', { email: string; name: string | null; reason: string }[]>
  }
  const emails = (list: readonly { email: string }[]) => list.map(({ email }) => email)
  const write = async (id: number | null, fields: object = {}) => {
    const words = freshWords()
    const { status, body } = await service.api('POST', `${conversation(id)}/messages`, { content: words, ...fields })
    expect(status).toBe(200)
    const sent = await until('the mail', async () => (await service.outbox()).find(({ text }) => text.includes(words)))
    return { body, sent }
  }
  const open = async (fields: Record<string, string>) => {
    const email = await service.deliver(mail({ To: service.inboxAddress, ...fields }), { to: service.inboxAddress })
    expect(email.status).toBe('delivered')
    return email.conversation_id
  }
  const verified = (from: string) => ({
    'Authentication-Results': `${authserv}; dmarc=pass header.from=${from.slice(from.indexOf('@') + 1)}`,
  })

  test(
    'recipients in Cc and To of the first mail get a copy, with the reason, and the mail goes to ' + 'exactly these',
    async () => {
      const [jane, bob, ann] = [fresh('jane'), fresh('bob'), fresh('ann')]
      const id = await open({
        From: `Jane <${jane}>`,
        To: `${service.inboxAddress}, ${ann}`,
        Cc: `${bob}, gus@agents.example, noreply@acme.example, ${jane.toUpperCase()}, ${bob.toUpperCase()}`,
      })
      expect(await recipients(id)).toEqual({
        to: [{ email: jane, name: 'Jane', reason: 'wrote_last' }],
        cc: [
          { email: ann, name: null, reason: 'was_in_to' },
          { email: bob, name: null, reason: 'was_in_cc' },
        ],
        bcc: [],
        left_out: [],
      })
      const { body, sent } = await write(id)
      expect(sent.recipients).toEqual([jane, ann, bob])
      expect([sent.field('To'), sent.field('Cc')]).toEqual([jane, `${ann}, ${bob}`])
      expect(body.content_attributes.cc_emails).toEqual([ann, bob])
    },
  )

  test('a message with recipients goes to exactly these, also without copies', async () => {
    const [jane, bob, other] = [fresh('jane'), fresh('bob'), fresh('other')]
    const id = await open({ From: jane, Cc: bob })
    expect((await write(id, { cc_emails: [] })).sent.recipients).toEqual([jane])
    expect((await write(id, { content_attributes: { cc_emails: [] } })).sent.recipients).toEqual([jane])
    expect((await write(id, { to_emails: [other] })).sent.recipients).toEqual([other])
    const explicit = await write(id, { to_emails: [jane], cc_emails: [other], bcc_emails: [bob] })
    expect(explicit.sent.recipients).toEqual([jane, other, bob])
  })

  test("an unverified mail into a known thread, or another sender's mail, adds no recipient", async () => {
    const place = await addCorrespondence(service, fresh('owner'))
    const [thief, friend] = [fresh('thief'), fresh('friend')]
    const reply = (fields: Record<string, string>) =>
      service.deliver(mail({ To: place.replyAddress, ...fields }), { to: place.replyAddress })
    await reply({ From: place.email, Cc: thief })
    expect(await recipients(place.displayId)).toMatchObject({
      to: [{ email: place.email, reason: 'wrote_last' }],
      cc: [],
      left_out: [{ email: thief, reason: 'was_in_cc' }],
    })
    expect((await write(place.displayId)).sent.recipients).toEqual([place.email])
    await reply({ From: place.email, Cc: friend, ...verified(place.email) })
    expect(emails((await recipients(place.displayId)).cc)).toEqual([friend])
    // Once on a verified mail, a friend stays one.
    await reply({ From: place.email, Cc: `${friend}, ${thief}` })
    const now = await recipients(place.displayId)
    expect([emails(now.cc), emails(now.left_out)]).toEqual([[friend], [thief]])
    await reply({ From: thief, Cc: friend, ...verified(thief) })
    expect(await recipients(place.displayId)).toMatchObject({
      to: [{ email: place.email, reason: 'conversation_recipient' }],
      cc: [],
      left_out: [
        { email: thief, reason: 'wrote_last' },
        { email: friend, reason: 'was_in_cc' },
      ],
    })
    expect((await write(place.displayId)).sent.recipients).toEqual([place.email])
  })

  test('an address chosen by an agent has that reason', async () => {
    const id = await open({ From: fresh('jane') })
    const chosen = fresh('chosen')
    await service.api('POST', `${conversation(id)}/recipient`, { email: chosen })
    expect((await recipients(id)).to).toEqual([{ email: chosen, name: null, reason: 'chosen_by_agent' }])
  })

  test('too many copies are dropped', async () => {
    const jane = fresh('jane')
    const many = Array.from({ length: 49 }, (_, n) => `many${String(n)}@customer.example`)
    const id = await open({ From: jane, Cc: many.join(',\r\n ') })
    const listed = await recipients(id)
    expect([listed.cc.length, listed.left_out.length]).toEqual([0, 49])
    expect((await write(id)).sent.recipients).toEqual([jane])
  })

  test(
    "recipients are from the last mail's From, To and Cc, without our own addresses, and match " + 'the sent mail',
    async () => {
      const people = Array.from({ length: 4 }, (_, n) => `p${String(n)}.${freshId().slice(0, 6)}@people.example`)
      const ours = [
        service.inboxAddress,
        'gus@agents.example',
        'noreply@acme.example',
        `reply+${'a'.repeat(32)}@reply.example`,
      ]
      const list = fc.subarray([...people, ...ours, ...people.map((address) => `"X, Y" <${address.toUpperCase()}>`)])
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ to: list, cc: list, verified: fc.boolean(), from: fc.nat(3) }), {
            minLength: 1,
            maxLength: 3,
          }),
          async (mails) => {
            const jane = fresh('jane')
            let id: number | null = null
            let root: string | null = null
            let allowed: string[] = []
            for (const [at, { to, cc, verified: isVerified, from }] of mails.entries()) {
              const author = at === 0 || from > 0 ? jane : (people[0] ?? jane)
              const messageId = `${freshId()}@customer.example`
              const email = await service.deliver(
                mail({
                  From: author,
                  To: [service.inboxAddress, ...to].join(', '),
                  ...(cc.length === 0 ? {} : { Cc: cc.join(', ') }),
                  ...(isVerified ? verified(author) : {}),
                  ...(root === null ? {} : { 'In-Reply-To': `<${root}>` }),
                  'Message-ID': `<${messageId}>`,
                }),
                { to: service.inboxAddress },
              )
              root ??= messageId
              id ??= email.conversation_id
              if (email.conversation_id === id)
                allowed = [author, ...[...to, ...cc].map((entry) => (/<(.+)>/.exec(entry)?.[1] ?? entry).toLowerCase())]
            }
            const listed = await recipients(id)
            const all = emails([...listed.to, ...listed.cc, ...listed.bcc]).map((address) => address.toLowerCase())
            expect(all.filter((address) => address !== jane && !allowed.includes(address))).toEqual([])
            expect(all.filter((address) => ours.includes(address))).toEqual([])
            expect(new Set(all).size).toBe(all.length)
            expect((await write(id)).sent.recipients.map((address) => address.toLowerCase())).toEqual(all)
          },
        ),
        { numRuns: 12 },
      )
    },
  )
})
