// Made-up mails for pictures: each is made by the function that makes the true one.

import { renderLetter } from '../src/delivery/layout/letter.ts'
import { renderMarkdown } from '../src/delivery/layout/markdown.ts'
import { renderSignature } from '../src/delivery/layout/signature.ts'
import { quotationOf } from '../src/delivery/letter.ts'
import { type NoticeWords, renderNotice } from '../src/delivery/notice-body.ts'
import { agentBlocks, renderHeld } from '../src/delivery/notify-held.ts'
import { renderDigest } from '../src/delivery/notify-held-digest.ts'
import { renderTeam } from '../src/delivery/notify-team.ts'
import { renderTransfer } from '../src/delivery/notify-transfer.ts'
import { renderCode } from '../src/delivery/send-address-code.ts'
import { renderContinuity } from '../src/delivery/send-continuity.ts'
import { renderLink } from '../src/delivery/send-link.ts'
import { renderTranscript } from '../src/delivery/send-transcript.ts'
import { wordsFor } from '../src/delivery/words/words.ts'

const publicUrl = 'https://support.acme.example'
const color = '#0f766e'
const at = new Date('2026-12-01T09:12:00Z')
const words = wordsFor('en')
const account = {
  id: 1,
  name: 'Acme',
  domain: 'reply.acme.example',
  supportEmail: null,
  locale: 'en',
  inboundEmails: true,
  active: true,
}
const question =
  'Hello,\n\nmy order 4711 was due last Friday, and the tracking page has said "in transit" since Tuesday. Could you ' +
  'look where it is?\n\nThank you\nJane'
const reply =
  'Hello Jane,\n\nyour parcel was held up in Lyon and **left there this morning**. It should be with you tomorrow ' +
  'before noon; you can follow it on [the carrier’s page](https://carrier.example/track/4711).\n\nSorry for the wait.'
const inSupport = { inbox_name: 'Acme Support', business_name: null, mail_color: color, timezone: 'Europe/Paris' }

const notice: NoticeWords = {
  facts: {
    messageId: 2,
    sourceId: null,
    transport: null,
    content: question,
    messageType: 'incoming',
    isPrivate: false,
    isAutomatic: false,
    attributes: {},
    status: 'sent',
    conversation: { id: 7, uuid: 'x', displayId: 128, subject: 'Order 4711', publicMessages: 2 },
    account,
    contact: { id: 3, name: 'Jane Doe', email: 'jane@example.com' },
    recipient: { email: 'jane@example.com', isUnverified: false, contactId: 3 },
    unprovenSessionId: null,
    inbox: {
      id: 1,
      name: 'Acme Support',
      mailColor: color,
      businessName: null,
      senderNameType: 'friendly',
      email: 'support@acme.example',
      isConfirmed: true,
    },
    agentName: null,
  },
  agent: { userId: 1, assigneeId: 1, assignee: 'Ann' },
  lead: 'Conversation 128 was assigned to you by Maria.',
  parts: [
    {
      messageId: 2,
      author: {
        label: 'Jane Doe (jane@example.com)',
        wrote: words.say('author.wrote', { who: 'Jane Doe (jane@example.com)' }),
        remark: words.say('author.verified'),
        address: 'jane@example.com',
        isVerified: true,
      },
      content: question,
    },
  ],
}

const context = {
  earlier: [
    { who: 'Jane Doe · 30 November 2026, 16:02 CET', content: 'Where is my order 4711?' },
    { who: 'Ann Keller · 30 November 2026, 16:20 CET', content: 'It left our house this morning.' },
  ],
  rows: [
    [words.say('fact.contact'), 'Jane Doe (jane@example.com)'],
    [words.say('fact.company'), 'Example Ltd'],
    [words.say('fact.others'), '2'],
    [words.say('fact.status'), words.say('status.open')],
    [words.say('fact.labels'), 'shipping'],
    [words.say('fact.priority'), words.say('priority.high')],
  ],
} as const

const letter = (locale: string, content: string, asked: string): string => {
  const language = wordsFor(locale)
  const quoted = { name: 'Jane Doe', email: 'jane@example.com', content: asked, at, timezone: 'Europe/Paris' }
  return renderLetter({
    language: language.language,
    words: renderMarkdown(content),
    signature: renderSignature('<b>Ann Keller</b><br>Acme Support · <a href="https://acme.example">acme.example</a>'),
    quotation: quotationOf(language, quoted),
  }).html
}

/** The HTML of each kind of mail. */
export function sampleMails(): Readonly<Record<string, string>> {
  const invoice = {
    filename: 'invoice-4711.pdf',
    contentType: 'application/pdf',
    size: 48_000,
    token: 'x',
    contentId: null,
  }
  return {
    letter: letter('en', reply, question),
    notice: renderNotice(words, notice, { files: [[invoice]], context, publicUrl }).html,
    continuity: renderContinuity(words, {
      content: reply,
      signature: { agent: null, isAdded: false, inbox: 'Ann Keller\nAcme Support' },
      history: [
        { name: 'Jane Doe', content: 'Hi, is anybody there? My order 4711 is late.' },
        { name: 'Ann Keller', content: 'Hello Jane, let me look.' },
      ],
      inbox: 'Acme Support',
      proofUrl: null,
      isAnswered: true,
    }).html,
    digest: digest(),
    held: held(),
    team: renderTeam(
      words,
      {
        ...inSupport,
        account_id: 1,
        display_id: 128,
        message: 'A customer with the **gold** plan waits for an answer.',
      },
      publicUrl,
    ).html,
    transfer: transfer(),
    code: renderCode(words, { email: 'support@acme.example', code: '482913' }).html,
    link: renderLink(
      words,
      { minutes: 15, path: 'login', texts: 'link.signIn', email: 'ann@acme.example', code: 'Zk3vQ8', account: '' },
      publicUrl,
    ).html,
    transcript: renderTranscript(words, inSupport, [
      { name: 'Jane Doe', sender: 'contact', at, content: question, files: ['photo.jpg'] },
      { name: 'Ann Keller', sender: 'other', at: new Date(at.getTime() + 3_600_000), content: reply, files: null },
    ]).html,
  }
}

function digest(): string {
  const held = [
    { from_address: 'shop@partner.example', subject: 'Re: Delivery dates', reason: 'unknown-recipient' },
    { from_address: 'jane@example.com', subject: 'Order 4711', reason: 'agent-not-verified' },
    { from_address: 'news@brand.example', subject: null, reason: 'expired-token' },
  ].map((one) => ({ ...one, count: 5 }))
  return renderDigest(
    words,
    {
      accountId: 1,
      day: '2026-12-01',
      account: { name: 'Acme', domain: null, support_email: null, locale: 'en' },
      recipient: { user_id: 1, email: 'ann@acme.example', locale: null, inbox_ids: null },
      held,
    },
    publicUrl,
  ).html
}

function held(): string {
  return renderHeld(
    wordsFor('de'),
    {
      id: 41,
      reason: 'agent-not-verified',
      subject: 'Re: Order 4711',
      from_address: 'ann@acme.example',
      account_id: 1,
      account: 'Acme',
      domain: null,
      support_email: null,
      locale: 'de',
      display_id: 128,
    },
    { blocks: agentBlocks, publicUrl },
  ).html
}

function transfer(): string {
  return renderTransfer(
    words,
    {
      direction: 'export',
      processed: 1204,
      created: 0,
      changed: 0,
      refused: 0,
      error: null,
      token: 'x',
      account_id: 1,
      account: 'Acme',
      transferId: 3,
    },
    publicUrl,
  ).html
}
