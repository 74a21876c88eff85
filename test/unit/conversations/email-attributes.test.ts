// What a message keeps of its mail, key for key as Chatwoot's clients read it.

import { describe, expect, test } from 'vitest'

import { emailAttributes, readEmailAttributes } from '../../../src/conversations/records/email-attributes.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'

const marks = { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false }
// By way of JSON, as the database keeps it, whose keys come back in any order.
const attributesOf = async (raw: string) =>
  readEmailAttributes(shuffled(emailAttributes(await parseMail(Buffer.from(raw)), marks))) as {
    email: Record<string, unknown>
  } & Record<string, unknown>

const shuffled = (value: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).reverse())
      : part,
  ) as Record<string, unknown>

describe('content_attributes.email', () => {
  test('has the keys of Chatwoot', async () => {
    const { email } = await attributesOf('From: jane@customer.example\r\n\r\nHello')
    expect(Object.keys(email)).toEqual([
      'bcc',
      'cc',
      'content_type',
      'date',
      'from',
      'headers',
      'html_content',
      'in_reply_to',
      'message_id',
      'multipart',
      'number_of_attachments',
      'references',
      'subject',
      'text_content',
      'to',
      'auto_reply',
    ])
  })

  test('keeps the complete text beside the new text', async () => {
    const { email } = await attributesOf(
      'From: jane@customer.example\r\n\r\nThank you!\r\n\r\nOn Mon, 2 Mar 2026 at 10:00, Acme ' +
        '<a@acme.example> wrote:\r\n> It is on its way.\r\n',
    )
    expect(email['text_content']).toMatchObject({
      full: expect.stringContaining('It is on its way') as string,
      reply: expect.stringContaining('It is on its way') as string,
      quoted: 'Thank you!',
    })
  })

  test('of a mail in HTML has the HTML, too, with both kinds of text', async () => {
    const { email } = await attributesOf(
      'From: jane@customer.example\r\nContent-Type: text/html\r\n\r\n<p>Thank you!</p>',
    )
    expect(email['html_content']).toMatchObject({
      full: expect.stringContaining('<p>Thank you!</p>') as string,
      reply: expect.stringContaining('Thank you!') as string,
      quoted: expect.stringContaining('Thank you!') as string,
    })
  })

  test('of other messages is unchanged', () => {
    for (const attributes of [{}, { in_reply_to: 4 }, { email: 'x' }, { email: { subject: 'x' } }, { email: null }])
      expect(readEmailAttributes(attributes)).toEqual(attributes)
  })

  test('has empty values for missing fields', async () => {
    const { email, cc_email } = await attributesOf('\r\n')
    expect(email).toMatchObject({
      from: [],
      to: [],
      cc: [],
      in_reply_to: null,
      message_id: null,
      references: [],
      subject: '',
      headers: null,
      multipart: false,
      number_of_attachments: 0,
      html_content: {},
    })
    expect(cc_email).toEqual([])
  })

  test('keeps the results of forwarders about the sender', async () => {
    const { email } = await attributesOf(
      'X-Original-From: a@x.example\r\nX-Forwarded-For: b@x.example c@x.example\r\n\r\n',
    )
    expect(email['headers']).toEqual({ 'x-original-from': 'a@x.example', 'x-forwarded-for': 'b@x.example c@x.example' })
  })
})
