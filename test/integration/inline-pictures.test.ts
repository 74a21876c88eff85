// Pictures inside the HTML of a mail: in the message's attachments, in the list of the conversation, in the HTML by
// the address of the attachment, in the notice of an agent.

import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords } from '../support/mail.ts'
import { addAgent } from '../support/people.ts'
import { startReceiver } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const fixture = readFileSync(new URL('../../fixtures/inbound/outlook-inline-pictures.eml', import.meta.url), 'utf8')

interface File {
  readonly id: number
  readonly data_url: string
  readonly content_id?: string
  readonly inline?: boolean
}

describeOnEitherDatabase('inline pictures', (member) => {
  const service = useService({
    on: member,
    env: { PUBLIC_URL: 'https://mail.example.net', SAFE_URL_ALLOW: '127.0.0.1' },
  })
  const account = '/api/v1/accounts/1'

  const deliver = async (): Promise<{ conversationId: number; messageId: number }> => {
    const id = freshId()
    const raw = fixture
      .replace(/^To: .*$/m, `To: ${service.inboxAddress}`)
      .replace(/^Message-ID: .*$/m, `Message-ID: <${id}>`)
      .replaceAll('\n', '\r\n')
    const { data } = await service.smtp({
      from: 'ann@customer.example',
      to: service.inboxAddress,
      raw: Buffer.from(raw),
    })
    expect(data[0]).toMatch(/^250 /)
    return until('the message', async () => {
      const [row] = await service.sql<{ conversationId: number; messageId: number }>(
        `select c.display_id as "conversationId", m.id as "messageId"
         from messages m join conversations c on c.id = m.conversation_id
         where m.source_id = $1`,
        [id],
      )
      return row
    })
  }
  const messageOf = async (at: { conversationId: number; messageId: number }): Promise<any> =>
    (await service.messages(at.conversationId)).find(({ id }) => id === at.messageId)
  const local = (url: string) => url.replace('https://mail.example.net', service.url)

  test('each is an attachment, and the HTML leads to it without an access token', async () => {
    const at = await deliver()
    const message = await messageOf(at)
    const files: File[] = message.attachments
    expect(files.map(({ content_id, inline }) => [content_id, inline ?? false])).toEqual([
      ['label one@X', true],
      ['ground@x', true],
      ['unquoted@x', true],
      ['styled@x', true],
      ['bare@x', true],
      ['pictures/map.png', true],
      ['unshown@x', false],
    ])
    const { full } = message.content_attributes.email.html_content
    for (const { data_url: url, inline } of files) expect(full.includes(url)).toBe(inline === true)
    // The name of a file cannot end the attribute that shows it.
    expect(full).toContain(`background="${files[1]?.data_url ?? ''}"`)
    expect(files[1]?.data_url).toMatch(/^[\w:/.%-]+$/)
    expect(full).toContain('src="cid:missing@x"')
    const picture = await fetch(local(files[0]?.data_url ?? ''))
    expect([picture.headers.get('content-type'), await picture.text()]).toEqual(['image/png', 'PNG one'])
    const [stored] = await service.sql<{ html: string }>(
      `select content_attributes #>> '{email,html_content,full}' as html from messages where id = $1`,
      [at.messageId],
    )
    expect(stored?.html).toContain('CID:Label%20One%40x')
    const listed = await service.api('GET', `${account}/conversations/${String(at.conversationId)}/attachments`)
    expect(listed.body.meta.total_count).toBe(7)
    expect(listed.body.payload.map(({ id }: File) => id)).toEqual(files.map(({ id }) => id).reverse())
    const original = await service.api(
      'GET',
      `${account}/conversations/${String(at.conversationId)}/messages/${String(at.messageId)}/html`,
    )
    expect(original.body.html).toContain('src="cid:pictures%2Fmap.png"')
  })

  test('webhooks carry the same, and deletion takes the files', async () => {
    const receiver = await startReceiver()
    await service.api('POST', `${account}/webhooks`, { url: receiver.origin, subscriptions: ['message_created'] })
    const at = await deliver()
    const { body } = await until('the webhook', async () =>
      receiver.posted.find(({ body: { id } }) => id === at.messageId),
    )
    const { attachments, content_attributes } = await messageOf(at)
    expect(body.attachments).toEqual(attachments)
    expect(body.content_attributes.email.html_content.full).toBe(content_attributes.email.html_content.full)
    await service.api(
      'DELETE',
      `${account}/conversations/${String(at.conversationId)}/messages/${String(at.messageId)}`,
    )
    for (const { data_url: url } of attachments as File[]) expect((await fetch(local(url))).status).toBe(404)
    await receiver.stop()
  })

  test('the notice of the assigned agent lists the files with their addresses', async () => {
    const email = `${freshWords()}@agents.example`
    const userId = await addAgent(service, email)
    const at = await deliver()
    await service.api('POST', `${account}/conversations/${String(at.conversationId)}/assignments`, {
      assignee_id: userId,
    })
    const { attachments } = await messageOf(at)
    const notice = await until('the notice', async () =>
      (await service.outbox()).find(({ recipients }) => recipients.includes(email)),
    )
    const text = notice.text.replace(/=3D/g, '=')
    for (const { data_url: url } of attachments as File[]) expect(text).toContain(url)
  })
})
