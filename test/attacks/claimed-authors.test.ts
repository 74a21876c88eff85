// A field behind From names an author whose own domain vouches for nothing: it opens no way around DMARC. And a
// stranger's mail to several inboxes reaches all of them, whatever it claims to answer.

import { expect, test } from 'vitest'

import { addNoticedAgent } from '../support/agents.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { acceptedId } from '../support/service.ts'

const relay = 'mx.relay.example'
const company = 'support@nopolicy.example'

describeOnEitherDatabase('claimed authors', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: relay } })

  const addInbox = async (name: string, email: string): Promise<string> => {
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', { name, channel: { type: 'email', email } })
    await service.sql('update channels set email_confirmed_at = now() where email = $1', [email])
    return made.body.forward_to_email as string
  }

  test("a reply address and the company's unauthenticated From do not speak as its contact", async () => {
    await addInbox('No policy', company)
    const { place } = await addNoticedAgent(service)
    const email = await service.deliver(
      mail(
        {
          'Authentication-Results': `${relay}; dmarc=none header.from=nopolicy.example`,
          From: `Support <${company}>`,
          'X-Original-From': place.email,
          To: place.replyAddress,
        },
        freshWords(),
      ),
      { to: place.replyAddress },
    )
    expect(email).toMatchObject({ status: 'held', reason: 'other-sender' })
  })

  test('a stranger who answers a conversation begins one in each inbox that is addressed', async () => {
    const one = await addInbox('First', 'first@two.example')
    const two = await addInbox('Second', 'second@two.example')
    const begun = { 'Message-ID': freshId(), From: 'jo@customer.example', To: 'first@two.example' }
    const first = await service.deliver(mail(begun, freshWords()), { to: one })
    expect(first).toMatchObject({ reason: 'new-conversation' })
    const words = freshWords()
    const answer = mail(
      {
        From: 'colleague@customer.example',
        To: 'first@two.example, second@two.example',
        'In-Reply-To': begun['Message-ID'],
      },
      words,
    )
    const submitted = await service.smtp({ from: 'colleague@customer.example', to: [one, two], raw: answer })
    const settled = await service.settled(acceptedId(submitted))
    expect(settled).toMatchObject({ status: 'delivered', reason: 'new-conversation-linked' })
    const inboxes = async () =>
      service.sql(
        'select i.name from messages m join inboxes i on i.id = m.inbox_id where m.content like $1 order by 1',
        [`%${words}%`],
      )
    await expect.poll(inboxes, { timeout: 15_000 }).toMatchObject([{ name: 'First' }, { name: 'Second' }])
  })
})
