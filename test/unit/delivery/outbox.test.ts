// Without OUTBOUND_SMTP_URL every outgoing mail is a file: its envelope first, then the mail as it would have left.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import type { OutgoingMail } from '../../../src/delivery/transport.ts'
import { createOutbox } from '../../../src/delivery/transports/outbox.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'

const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const mail: OutgoingMail = {
  envelope: {
    from: 'bounce+00@reply.acme.example',
    to: ['jane@customer.example', 'cc@customer.example', 'secret@customer.example'],
  },
  from: { name: 'Anna from Acme', address: 'support@acme.example' },
  replyTo: { name: 'Anna from Acme', address: 'reply+00@reply.acme.example' },
  to: ['jane@customer.example'],
  cc: ['cc@customer.example'],
  subject: 'Re: Grüße',
  messageId: 'conversation/5e1f/messages/4@reply.acme.example',
  inReplyTo: 'jane-1@customer.example',
  references: ['jane-0@customer.example', 'jane-1@customer.example'],
  text: 'Good to hear!',
  html: '<p>Good to hear!</p>',
  headers: { 'Auto-Submitted': 'auto-generated' },
  attachments: [{ filename: 'a.txt', contentType: 'text/plain', content: Buffer.from('words') }],
}
const outboxOf = (name: string) => join(folder, name)
const onlyFile = (outbox: string): Buffer => readFileSync(join(outbox, readdirSync(outbox)[0] ?? ''))

describe('a mail in the outbox', () => {
  test('begins with its envelope, and has blind recipients only there', async () => {
    const outbox = outboxOf('envelope')
    await createOutbox(outbox).handOver(mail)
    const text = onlyFile(outbox).toString('utf8')
    expect(text.split('\r\n').slice(0, 4)).toEqual([
      'Return-Path: <bounce+00@reply.acme.example>',
      'X-Envelope-To: <jane@customer.example>',
      'X-Envelope-To: <cc@customer.example>',
      'X-Envelope-To: <secret@customer.example>',
    ])
    expect(text.match(/secret@/g)).toHaveLength(1)
  })

  test('contains the given fields and text', async () => {
    const outbox = outboxOf('content')
    await createOutbox(outbox).handOver(mail)
    const parsed = await parseMail(onlyFile(outbox))
    expect(parsed).toMatchObject({
      messageId: mail.messageId,
      inReplyTo: [mail.inReplyTo],
      references: mail.references,
      from: mail.from,
      replyTo: [mail.replyTo],
      subject: mail.subject,
      to: [{ name: '', address: 'jane@customer.example' }],
      cc: [{ name: '', address: 'cc@customer.example' }],
      text: expect.stringContaining('Good to hear!') as string,
      attachments: [{ filename: 'a.txt', size: 5 }],
    })
    expect(parsed.headers).toContainEqual({ name: 'auto-submitted', value: 'auto-generated' })
  })

  test('that is sent twice is stored once', async () => {
    const outbox = outboxOf('twice')
    const { handOver: send } = createOutbox(outbox)
    await send(mail)
    await send(mail)
    expect(readdirSync(outbox)).toHaveLength(1)
  })

  test('has a file name within the folder, whatever its Message-ID', async () => {
    const outbox = outboxOf('names')
    await createOutbox(outbox).handOver({ ...mail, messageId: '../../../etc/passwd@x.example' })
    expect(readdirSync(outbox)).toHaveLength(1)
  })

  test('fetches no file and no URL of its text', async () => {
    const outbox = outboxOf('fetch')
    await createOutbox(outbox).handOver({
      ...mail,
      text: '/etc/hostname',
      html: '<img src="file:///etc/hostname">',
    })
    expect(onlyFile(outbox).toString('utf8')).toContain('file:///etc/hostname')
  })

  test('gets no additional field through a name, a subject or an id', async () => {
    const outbox = outboxOf('injection')
    const evil = 'x\r\nBcc: everybody@elsewhere.example'
    await createOutbox(outbox).handOver({
      ...mail,
      from: { name: evil, address: 'a@acme.example' },
      replyTo: { name: evil, address: 'r@acme.example' },
      subject: evil,
      inReplyTo: evil,
      references: [evil],
      attachments: [{ filename: evil, contentType: 'text/plain', content: Buffer.from('x') }],
    })
    const text = onlyFile(outbox).toString('latin1')
    expect(text).not.toMatch(/^Bcc:/im)
    expect((await parseMail(onlyFile(outbox))).bcc).toEqual([])
  })
})
