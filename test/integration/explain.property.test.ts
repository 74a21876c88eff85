// `explain` predicts the stored outcome: for mails of any fields and states, its result is the one that is stored
// afterwards, and it writes nothing.

import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, mail } from '../support/mail.ts'
import { addAccount, addAgent, addCorrespondence, countRows } from '../support/people.ts'
import { until } from '../support/until.ts'

const authserv = 'mx.reply.example'
const runs = 60

describeOnEitherDatabase('explain', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: authserv } })
  let world: Awaited<ReturnType<typeof createWorld>>

  beforeAll(async () => {
    world = await createWorld()
  })

  async function createWorld() {
    const agent = 'gus@staff.example'
    const userId = await addAgent(service, agent)
    const mine = await addCorrespondence(service, 'mine@customer.example')
    const second = await addCorrespondence(service, 'second@customer.example')
    const expired = await addCorrespondence(service, 'expired@customer.example')
    await service.sql(
      `update reply_tokens set expires_at = now() - interval '1 day' where conversation_id = $1 and role = 'contact'`,
      [expired.id],
    )
    await service.sql(`insert into conversation_participants (conversation_id, user_id) values ($1, $2)`, [
      mine.id,
      userId,
    ])
    await service.sql(
      'insert into inbox_members (inbox_id, user_id) select inbox_id, $2 from conversations where id = $1',
      [mine.id, userId],
    )
    const other = await addAccount(service, { domain: 'mail.other.example', inboxEmail: 'help@other.example' })
    await service.sql(
      'insert into account_users (account_id, user_id, role) select $1, id, $2 from users order by id limit 1',
      [other.accountId, 'administrator'],
    )
    const theirs = await addCorrespondence(service, 'theirs@customer.example', other)
    const off = await addAccount(service, { domain: 'mail.off.example', inboxEmail: 'help@off.example' })
    await service.sql(`update accounts set features = '{}' where id = $1`, [off.accountId])
    const suspended = await addAccount(service, {
      domain: 'mail.suspended.example',
      inboxEmail: 'help@suspended.example',
    })
    await service.sql(`update accounts set status = 'suspended' where id = $1`, [suspended.accountId])
    // An agent's own reply address, learned from a notice as an agent would.
    await service.deliver(mail({ From: mine.email, To: mine.replyAddress }, 'for the notice'), {
      to: mine.replyAddress,
    })
    const notice = await until('the notice', async () =>
      (await service.outbox()).find(({ recipients }) => recipients.includes(agent)),
    )
    return {
      agent,
      addresses: [
        mine.replyAddress,
        mine.replyAddress.toUpperCase(),
        second.replyAddress,
        expired.replyAddress,
        theirs.replyAddress,
        notice.address('Reply-To'),
        mine.bounceAddress,
        service.inboxAddress,
        service.inboxAddress.replace('@', '+tag@'),
        'help@other.example',
        'help@off.example',
        'help@suspended.example',
        `reply+${'0'.repeat(32)}@reply.localhost`,
        'nobody@elsewhere.example',
      ],
      people: [
        mine.email,
        second.email,
        expired.email,
        theirs.email,
        agent,
        'stranger@customer.example',
        mine.replyAddress,
        service.inboxAddress,
        'MINE@Customer.Example',
      ],
      ids: [mine.sent.address('Message-ID'), theirs.sent.address('Message-ID'), 'unknown@elsewhere.example'],
      mine,
    }
  }

  const fields = () => {
    const address = fc.constantFrom(...world.addresses)
    const list = fc.uniqueArray(address, { maxLength: 3 }).map((all) => (all.length === 0 ? undefined : all.join(', ')))
    const reference = fc.option(
      fc.constantFrom(...world.ids).map((id) => `<${id}>`),
      { nil: undefined },
    )
    const person = fc.constantFrom(...world.people)
    return fc.record({
      from: fc.oneof(
        { weight: 8, arbitrary: person },
        { weight: 1, arbitrary: fc.constantFrom(undefined, 'no address', 'a@b.example, c@d.example') },
        { weight: 1, arbitrary: fc.tuple(person, person) },
      ),
      to: list,
      cc: list,
      deliveredTo: fc.option(address, { nil: undefined, freq: 5 }),
      inReplyTo: reference,
      references: reference,
      messageId: fc.oneof(
        { weight: 8, arbitrary: fc.constant('fresh') },
        { weight: 1, arbitrary: fc.constantFrom('none', 'ours', 'twice') },
      ),
      authentication: fc.option(
        fc
          .constantFrom(
            'dmarc=pass header.from=staff.example',
            'dmarc=pass header.from=customer.example',
            'dmarc=fail (p=REJECT) header.from=customer.example',
            'dmarc=fail (p=NONE) header.from=customer.example',
            'dkim=pass header.d=customer.example',
            'dmarc=none',
          )
          .map((result) => `${authserv}; ${result}`),
        { nil: undefined },
      ),
      automation: fc.option(
        fc.constantFrom<[string, string]>(
          ['Auto-Submitted', 'auto-replied'],
          ['Precedence', 'bulk'],
          ['List-Id', '<l.lists.example>'],
          ['X-Autoreply', 'yes'],
          ['Content-Type', 'multipart/report; report-type=delivery-status; boundary=r'],
        ),
        { nil: undefined, freq: 3 },
      ),
      subject: fc.option(
        fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replace(/[\r\n\0]/g, ' ')),
        { nil: undefined },
      ),
      words: fc.string({ unit: 'grapheme', maxLength: 80 }),
      sender: fc.constantFrom('', 'mine@customer.example', 'bounces@lists.example'),
      recipients: fc.uniqueArray(address, { maxLength: 3 }),
    })
  }

  test('predicts the stored result with its trace, and writes nothing', async () => {
    const ends = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fields(), async (given) => {
        const id = freshId()
        const messageId = {
          fresh: `<${id}>`,
          none: undefined,
          ours: `<${world.mine.sent.address('Message-ID')}>`,
          twice: [`<${id}>`, `<other.${id}>`],
        }[given.messageId]
        const raw = mail(
          {
            'Delivered-To': given.deliveredTo,
            'Authentication-Results': given.authentication,
            From: given.from,
            To: given.to,
            Cc: given.cc,
            Subject: given.subject,
            'Message-ID': messageId,
            'In-Reply-To': given.inReplyTo,
            References: given.references,
            ...(given.automation === undefined ? {} : { [given.automation[0]]: given.automation[1] }),
            'X-Run': id,
          },
          given.words,
        )
        const envelope = { from: given.sender, to: given.recipients }
        await until(
          'what came before is done',
          async () =>
            (
              await service.sql(
                `
                  select 1
                  from inbound_emails
                  where status in ('pending', 'processing')
                  union all
                  select 1
                  from work
                  where failed_at is null
                `,
              )
            ).length === 0,
        )
        const before = await countRows(service)
        const explained = await service.explain(raw, envelope)
        expect(explained.status).toBe(200)
        expect(await countRows(service)).toEqual(before)
        const email = await service.deliver(raw, envelope)
        expect({ ...explained.body, conversation_id: null }).toEqual({
          status: email.status,
          reason: email.reason,
          account_id: email.account_id,
          conversation_id: null,
          trace: email.trace,
        })
        if (explained.body.conversation_id !== null) expect(email.conversation_id).toBe(explained.body.conversation_id)
        ends.add(`${email.status} ${email.reason ?? ''}`)
      }),
      { numRuns: runs, interruptAfterTimeLimit: 40_000, endOnFailure: true },
    )
    // The mails were of many kinds, or the property has said little.
    expect(ends.size).toBeGreaterThanOrEqual(8)
  }, 90_000)
})
