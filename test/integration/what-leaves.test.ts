// What customers and agents receive: signature, quoted mail, pictures in the words, the language of the account and of
// the agent, and the fields by which mail clients sort and switch off notices.

import { beforeAll, describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { addAgent } from '../support/people.ts'
import { until } from '../support/until.ts'

const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describe('what leaves', () => {
  const service = useService({ env: { PUBLIC_URL: 'https://mail.example.net' } })
  const account = '/api/v1/accounts/1'
  const inbox = `${account}/inboxes/1`

  const decoded = ({ text }: SentMail): string =>
    Buffer.from(
      text
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
      'latin1',
    )
      .toString('utf8')
      .replaceAll('\r\n', '\n')
  const sentWith = (words: string, to?: string) =>
    until('the mail', async () =>
      (await service.outbox()).find(
        (sent) => sent.text.includes(words) && (to === undefined || sent.recipients.includes(to)),
      ),
    )
  const write = async (from: string, words = freshWords()) => {
    const { conversation_id: id } = await service.deliver(
      mail({ From: `Jane Doe <${from}>`, To: service.inboxAddress, Subject: 'Order 7' }, words),
      { from, to: service.inboxAddress },
    )
    const [row] = await service.sql<{ displayId: number }>(
      'select c.display_id as "displayId" from conversations c where c.id = $1 or c.display_id = $1 order by id desc',
      [id],
    )
    return { displayId: row?.displayId ?? 0, words, from }
  }
  const answer = async (displayId: number, more: Record<string, unknown> = {}) => {
    const words = freshWords()
    await service.api('POST', `${account}/conversations/${String(displayId)}/messages`, { content: words, ...more })
    return decoded(await sentWith(words))
  }

  beforeAll(async () => {
    const { status, body } = await service.api('PATCH', inbox, {
      signature: '<p onclick="x()">Your <b>Acme</b> team</p>',
      mail_color: '#0F766E',
      quote_history: 'last',
    })
    expect([status, body.mail_color, body.quote_history]).toEqual([200, '#0f766e', 'last'])
  })

  test.each([
    ['a name of a colour', { mail_color: 'red' }],
    ['a colour with a quote', { mail_color: '#12345"' }],
    ['an unknown quotation', { quote_history: 'all' }],
    ['a signature of 20,001 characters', { signature: 'x'.repeat(20_001) }],
  ])('the inbox refuses %s', async (_what, fields) => {
    expect((await service.api('PATCH', inbox, fields)).status).toBe(422)
  })

  test('an answer has the signature of the inbox and the answered mail, without an address', async () => {
    const { displayId, words } = await write('jane1@customer.example')
    const sent = await answer(displayId)
    expect(sent).toContain('\n-- \nYour Acme team\n')
    expect(sent).toContain('<p>Your <b>Acme</b> team</p>')
    expect(sent).toMatch(new RegExp(`On .* at .*, Jane Doe wrote:\n> ${words}`))
    expect(sent).toMatch(new RegExp(`<blockquote class="gmail_quote" type="cite"[^>]*>${words}`))
    const below = sent.slice(sent.indexOf('\n\n'))
    expect(below).not.toContain('jane1@customer.example')
  })

  test('a mail that others also get quotes nothing', async () => {
    const { displayId, words } = await write('jane2@customer.example')
    const sent = await answer(displayId, { cc_emails: 'boss@customer.example' })
    expect(sent).toContain('Your Acme team')
    expect(sent).not.toContain(words)
  })

  test('a picture that the words name travels inside the HTML', async () => {
    const { displayId } = await write('jane3@customer.example')
    const words = freshWords()
    const form = new FormData()
    form.set('content', `${words}\n\n![Our chart](cid:chart.png)`)
    form.append('attachments[]', new Blob([picture], { type: 'image/png' }), 'chart.png')
    form.append('attachments[]', new Blob(['x'], { type: 'text/plain' }), 'notes.txt')
    const made = await fetch(`${service.url}${account}/conversations/${String(displayId)}/messages`, {
      method: 'POST',
      headers: { api_access_token: service.token },
      body: form,
    })
    expect(made.status).toBe(200)
    const sent = decoded(await sentWith(words))
    const id = /Content-Id: <(picture-\d+@[^>]+)>/i.exec(sent)?.[1] ?? 'none'
    expect(sent).toContain(`<img src="cid:${id}" alt="Our chart"`)
    expect(sent).toMatch(/Content-Type: multipart\/related/)
    expect(sent).toMatch(/Content-Disposition: inline; filename=chart\.png/)
    expect(sent).toMatch(/Content-Disposition: attachment; filename=notes\.txt/)
    expect(sent).toContain('[Our chart]')
  })

  test('notices say which list they are, and where they are switched off', async () => {
    await addAgent(service, 'lena@agents.example')
    const [{ id } = { id: 0 }] = await service.sql<{ id: number }>(
      `select id from users where email = 'lena@agents.example'`,
    )
    await service.sql(`update users set ui_settings = '{"locale": "fr"}' where id = $1`, [id])
    await service.sql(`update accounts set locale = 'de' where id = 1`)
    await service.sql('insert into inbox_members (inbox_id, user_id) values (1, $1)', [id])
    const { displayId, words } = await write('jane4@customer.example')
    await service.api('POST', `${account}/conversations/${String(displayId)}/assignments`, { assignee_id: id })
    const notice = await sentWith(words, 'lena@agents.example')
    expect(notice.field('List-Id')).toBe('<inbox-1.account-1.notices.reply.localhost>')
    expect(notice.field('List-Unsubscribe')).toBe('<https://mail.example.net/app/accounts/1/settings/notifications>')
    expect(notice.field('List-Unsubscribe-Post')).toBeNull()
    const shown = decoded(notice)
    expect(shown).toContain('Répondez à cet e-mail pour répondre au client')
    expect(shown).toContain('<html lang="fr" dir="ltr">')
    expect(shown).toContain('background-color:#0f766e')
    expect(shown).toContain(`https://mail.example.net/app/accounts/1/conversations/${String(displayId)}`)
  })

  test('a letter is in the language of the account, and no list', async () => {
    const { displayId } = await write('jane5@customer.example')
    const words = freshWords()
    await service.api('POST', `${account}/conversations/${String(displayId)}/messages`, { content: words })
    const sent = await sentWith(words)
    expect(decoded(sent)).toMatch(/Am \d+\. .* um .* schrieb Jane Doe:/)
    expect([sent.field('List-Id'), sent.field('List-Unsubscribe')]).toEqual([null, null])
  })
})
