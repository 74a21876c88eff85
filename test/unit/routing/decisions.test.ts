// The table of docs/develop/architecture.md, "Routing and trust", row by row, and every reason that there is: what a
// mail is worth in the hands of whom.

import { describe, expect, test } from 'vitest'

import { reasons } from '../../../src/contracts/decision.ts'
import { read, trackedFiles } from '../../house/tree.ts'
import { type Arriving, bounceTo, createLedger, judge, type Ledger, newTo, replyTo, results } from './ledger-double.ts'

interface Row {
  readonly title: string
  readonly given?: (ledger: Ledger) => void
  readonly mail: Arriving
  readonly decision: Readonly<Record<string, unknown>> & { readonly action: string; readonly reason: string }
}

const pass = results('dmarc=pass header.from=customer.example')
const agentPass = results('dmarc=pass header.from=staff.example')
const gus = 'Gus <gus@staff.example>'
const stranger = 'Mallory <mallory@elsewhere.example>'
const forwarded =
  '---------- Forwarded message ---------\r\nFrom: Mia <mia@customer.example>\r\n' +
  'Date: Mon, Nov 30, 2026 at 10:00 AM\r\nSubject: Shoes\r\nTo: Gus\r\n\r\nToo small.'
const answers = (id: string): string => `In-Reply-To: <${id}>`
const report = (
  about: string,
  kind = 'message/delivery-status',
  body = 'Reporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; jane@customer.example\r\n' +
    'Action: failed\r\nStatus: 5.1.1',
): string =>
  `--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: ${kind}\r\n\r\n${body}\r\n` +
  `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${about}>\r\nSubject: Order\r\n\r\n` +
  '--b--'
const reportHead = (type: string): string[] => [
  'MIME-Version: 1.0',
  `Content-Type: multipart/report; report-type=${type}; boundary=b`,
  'Auto-Submitted: auto-replied',
]

const contactToken: readonly Row[] = [
  {
    title: 'theirs, from them',
    mail: { to: [replyTo('a')] },
    decision: {
      action: 'append',
      reason: 'reply-address',
      conversationId: 10,
      contactId: 100,
      reopens: true,
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false },
    },
  },
  {
    title: 'theirs, from them and verified',
    mail: { to: [replyTo('a')], fields: [pass] },
    decision: {
      action: 'append',
      reason: 'reply-address',
      marks: { autoReply: false, verified: true, viaOtherReplyAddress: false, reusedMessageId: false },
    },
  },
  {
    title: 'theirs, from another address known for them',
    mail: { to: [replyTo('a')], from: 'JANE@home.example' },
    decision: { action: 'append', reason: 'reply-address', contactId: 100 },
  },
  {
    title: 'theirs, in the hands of a stranger: the words are the stranger’s',
    mail: { to: [replyTo('a')], from: stranger },
    decision: {
      action: 'append',
      reason: 'reply-address-other-sender',
      conversationId: 10,
      contactId: null,
      speaker: { name: 'Mallory', address: 'mallory@elsewhere.example' },
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: true, reusedMessageId: false },
    },
  },
  {
    title: 'theirs, in the hands of another contact: the words are that contact’s',
    mail: { to: [replyTo('a')], from: 'known@customer.example' },
    decision: { action: 'append', reason: 'reply-address-other-sender', contactId: 101 },
  },
  {
    title: 'theirs, in the hands of a stranger, where the account holds such mail',
    given: ({ acme }) => {
      acme.keepsOtherSenders = true
    },
    mail: { to: [replyTo('a')], from: stranger },
    decision: { action: 'hold', reason: 'other-sender', candidates: [10] },
  },
  {
    title: 'theirs, from an agent: an agent does not speak with a customer’s address',
    mail: { to: [replyTo('a')], from: gus },
    decision: { action: 'hold', reason: 'agent-with-customer-token', candidates: [10] },
  },
  {
    title: 'theirs, from an agent, verified: no more so',
    mail: { to: [replyTo('a')], from: gus, fields: [agentPass] },
    decision: { action: 'hold', reason: 'agent-with-customer-token', candidates: [10] },
  },
]

const agentToken: readonly Row[] = [
  {
    title: 'an agent’s, from that agent, DMARC pass',
    mail: { to: [replyTo('b')], from: gus, fields: [agentPass] },
    decision: { action: 'append-as-agent', reason: 'agent-reply', conversationId: 10, userId: 7 },
  },
  {
    title: 'an agent’s, from that agent, aligned DKIM pass',
    mail: { to: [replyTo('b')], from: gus, fields: [results('dkim=pass header.d=mail.staff.example')] },
    decision: { action: 'append-as-agent', reason: 'agent-reply' },
  },
  {
    title: 'an agent’s, from that agent, DKIM pass of another domain',
    mail: { to: [replyTo('b')], from: gus, fields: [results('dkim=pass header.d=elsewhere.example')] },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [10] },
  },
  {
    title: 'an agent’s, from that agent, SPF pass alone',
    mail: { to: [replyTo('b')], from: gus, fields: [results('spf=pass smtp.mailfrom=staff.example')] },
    decision: { action: 'hold', reason: 'agent-not-verified' },
  },
  {
    title: 'an agent’s, from that agent, DMARC pass of another domain',
    mail: { to: [replyTo('b')], from: gus, fields: [results('dmarc=pass header.from=elsewhere.example')] },
    decision: { action: 'hold', reason: 'agent-not-verified' },
  },
  {
    title: 'an agent’s, from that agent, not authenticated',
    mail: { to: [replyTo('b')], from: gus },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [10] },
  },
  {
    title: 'an agent’s, from that agent, DMARC pass, without AUTHSERV_ID',
    mail: { to: [replyTo('b')], from: gus, fields: [agentPass], authservId: null },
    decision: { action: 'hold', reason: 'agent-not-verified' },
  },
  {
    title: 'an agent’s, from another agent, verified',
    mail: { to: [replyTo('b')], from: 'ida@staff.example', fields: [agentPass] },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [10] },
  },
  {
    title: 'an agent’s, from the contact',
    mail: { to: [replyTo('b')], fields: [pass] },
    decision: { action: 'hold', reason: 'agent-not-verified' },
  },
  {
    title: 'an agent’s, from that agent, verified, but only a part of it could be read',
    mail: { to: [replyTo('b')], from: gus, fields: [agentPass], text: 'a\0b' },
    decision: { action: 'hold', reason: 'agent-mail-degraded', candidates: [10] },
  },
  {
    title: 'an agent’s, from that agent, verified, with commands on top',
    mail: { to: [replyTo('b')], from: gus, fields: [agentPass], text: '#resolve\r\n\r\nDone.' },
    decision: {
      action: 'append-as-agent',
      reason: 'agent-reply',
      commands: {
        actions: [{ kind: 'status', status: 'resolved', snoozedUntil: null }],
        said: ['#resolve'],
        words: 'Done.',
        becomes: 'answer',
        cc: [],
      },
    },
  },
  {
    title: 'an agent’s, from that agent, verified, with commands of which one names nothing',
    mail: { to: [replyTo('b')], from: gus, fields: [agentPass], text: '#resolve\r\n#team x\r\n\r\nDone.' },
    decision: {
      action: 'hold',
      reason: 'command-not-understood',
      candidates: [10],
      commands: { userId: 7, conversationId: 10, understood: ['#resolve'], words: '#resolve\n#team x\n\nDone.' },
    },
  },
  {
    title: 'an agent’s, from that agent, not authenticated, with commands: they are not read',
    mail: { to: [replyTo('b')], from: gus, text: '#nonsense' },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [10] },
  },
  {
    title: 'an agent’s, an automatic answer of that agent, verified: not meant for the contact',
    mail: { to: [replyTo('b')], from: gus, fields: [agentPass, 'Auto-Submitted: auto-replied'] },
    decision: { action: 'ignore', reason: 'agent-auto-reply' },
  },
  {
    title: 'an agent’s, from a stranger',
    mail: { to: [replyTo('b')], from: stranger },
    decision: { action: 'hold', reason: 'agent-not-verified' },
  },
]

const newAddress: readonly Row[] = [
  {
    title: 'an agent’s, from that agent, verified, with #to',
    mail: {
      to: [newTo('7')],
      from: gus,
      fields: [agentPass],
      text: '#to Mia <mia@customer.example>\r\n\r\nHello Mia.',
    },
    decision: {
      action: 'open-as-agent',
      reason: 'begun-by-agent',
      inboxId: 30,
      accountId: 1,
      userId: 7,
      to: { name: 'Mia', address: 'mia@customer.example' },
      commands: {
        said: ['#to Mia <mia@customer.example>'],
        words: 'Hello Mia.',
        becomes: 'answer',
        actions: [],
        cc: [],
      },
    },
  },
  {
    title: 'an agent’s, although the mail answers a conversation: it begins one',
    mail: {
      to: [newTo('7')],
      from: gus,
      fields: [agentPass, answers('out-900@reply.acme.example')],
      text: '#to mia@customer.example\r\n\r\nHello Mia.',
    },
    decision: { action: 'open-as-agent', reason: 'begun-by-agent' },
  },
  {
    title: 'an agent’s, beside the address of the same inbox: it begins one',
    mail: {
      to: ['support@acme.example', newTo('7')],
      from: gus,
      fields: [agentPass],
      text: '#to mia@customer.example\r\n\r\nHello Mia.',
    },
    decision: { action: 'open-as-agent', reason: 'begun-by-agent' },
  },
  {
    title: 'an agent’s, beside the address of the same inbox, from a customer: it is mail to the inbox',
    mail: { to: [newTo('7'), 'support@acme.example'], from: stranger, text: '#to mia@customer.example\r\n\r\nHello.' },
    decision: { action: 'open', reason: 'new-conversation', speaker: { address: 'mallory@elsewhere.example' } },
  },
  {
    title: 'an agent’s, beside the address of the same inbox, from a participant of the thread',
    mail: { to: [newTo('7'), 'support@acme.example'], fields: [answers('out-900@reply.acme.example')] },
    decision: { action: 'append', reason: 'thread', conversationId: 10 },
  },
  {
    title: 'an agent’s, beside the address of the same inbox, with the agent’s From and no proof',
    mail: { to: [newTo('7'), 'support@acme.example'], from: gus, text: '#to mia@customer.example\r\n\r\nHello.' },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [] },
  },
  {
    title: 'an agent’s, without #to',
    mail: { to: [newTo('7')], from: gus, fields: [agentPass] },
    decision: {
      action: 'hold',
      reason: 'command-not-understood',
      candidates: [],
      commands: { userId: 7, conversationId: null, words: 'It has arrived.' },
    },
  },
  {
    title: 'an agent’s, without #to, forwarding a mail in its text',
    mail: { to: [newTo('7')], from: gus, fields: [agentPass, 'Subject: Fwd: Shoes'], text: forwarded },
    decision: {
      action: 'open',
      reason: 'forwarded-by-agent',
      inboxId: 30,
      speaker: { name: 'Mia', address: 'mia@customer.example' },
    },
  },
  {
    title: 'an agent’s, from that agent, not authenticated',
    mail: { to: [newTo('7')], from: gus, text: '#to mia@customer.example\r\n\r\nHello.' },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [] },
  },
  {
    title: 'an agent’s, from another agent, verified',
    mail: {
      to: [newTo('7')],
      from: 'ida@staff.example',
      fields: [agentPass],
      text: '#to mia@customer.example\r\n\r\nHello.',
    },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [] },
  },
  {
    title: 'an agent’s, from a stranger',
    mail: { to: [newTo('7')], from: stranger, text: '#to mia@customer.example\r\n\r\nHello.' },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [] },
  },
  {
    title: 'an agent’s, an automatic answer of that agent, verified',
    mail: { to: [newTo('7')], from: gus, fields: [agentPass, 'Auto-Submitted: auto-replied'] },
    decision: { action: 'ignore', reason: 'agent-auto-reply' },
  },
  {
    title: 'unknown',
    mail: { to: [newTo('8')], from: gus, fields: [agentPass], text: '#to mia@customer.example\r\n\r\nHello.' },
    decision: { action: 'hold', reason: 'unknown-recipient', candidates: [] },
  },
  {
    title: 'an agent’s, at the domain of another account',
    mail: {
      to: [newTo('7', 'reply.bolt.example')],
      from: gus,
      fields: [agentPass],
      text: '#to mia@customer.example\r\n\r\nHello.',
    },
    decision: { action: 'hold', reason: 'unknown-recipient', candidates: [] },
  },
]

const attachedForward: readonly Row[] = [
  {
    title: 'an inbox address, from a verified agent, with a mail as a file',
    mail: {
      to: ['support@acme.example'],
      from: gus,
      fields: [agentPass, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b'],
      text:
        '--b\r\nContent-Type: text/plain\r\n\r\nPlease help.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n' +
        'From: Mia <mia@customer.example>\r\nSubject: Shoes\r\n\r\nToo small.\r\n--b--',
    },
    decision: {
      action: 'open',
      reason: 'forwarded-by-agent',
      speaker: { name: 'Mia', address: 'mia@customer.example' },
      forward: { userId: 7, above: 'Please help.', mail: { subject: 'Shoes', replyText: 'Too small.' } },
    },
  },
]

const spentToken: readonly Row[] = [
  {
    title: 'expired, from a participant',
    mail: { to: [replyTo('d')] },
    decision: { action: 'append', reason: 'expired-reply-address', conversationId: 10, contactId: 100 },
  },
  {
    title: 'revoked, from a participant',
    mail: { to: [replyTo('e')] },
    decision: { action: 'append', reason: 'expired-reply-address', conversationId: 10 },
  },
  {
    title: 'expired, from a stranger, an inbox beside it',
    mail: { to: [replyTo('d'), 'support@acme.example'], from: stranger },
    decision: { action: 'open', reason: 'new-conversation-linked', inboxId: 30, linkedToId: 10 },
  },
  {
    title: 'expired, from a stranger',
    mail: { to: [replyTo('d')], from: stranger },
    decision: { action: 'hold', reason: 'thread-other-sender', candidates: [10] },
  },
  {
    title: 'an agent’s that expired, from that agent, verified',
    mail: { to: [replyTo('f')], from: gus, fields: [agentPass] },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [10] },
  },
]

const thread: readonly Row[] = [
  {
    title: 'In-Reply-To, a participant',
    mail: { to: ['support@acme.example'], fields: [answers('out-900@reply.acme.example')] },
    decision: { action: 'append', reason: 'thread', conversationId: 10, contactId: 100 },
  },
  {
    title: 'References alone, a participant',
    mail: { to: ['support@acme.example'], fields: ['References: <unknown@x.example> <out-900@reply.acme.example>'] },
    decision: { action: 'append', reason: 'thread', conversationId: 10 },
  },
  {
    title: 'an id that names only the conversation, a participant',
    mail: { to: ['support@acme.example'], fields: ['References: <account/1/conversation/5e1f@reply.acme.example>'] },
    decision: { action: 'append', reason: 'thread', conversationId: 10 },
  },
  {
    title: 'not a participant, an inbox addressed: a new conversation, linked',
    mail: { to: ['support@acme.example'], from: stranger, fields: [answers('out-900@reply.acme.example')] },
    decision: { action: 'open', reason: 'new-conversation-linked', inboxId: 30, accountId: 1, linkedToId: 10 },
  },
  {
    title: 'not a participant, no inbox addressed',
    mail: { to: ['reply@reply.acme.example'], from: stranger, fields: [answers('out-900@reply.acme.example')] },
    decision: { action: 'hold', reason: 'thread-other-sender', candidates: [10] },
  },
  {
    title: 'an agent',
    mail: { to: ['support@acme.example'], from: gus, fields: [agentPass, answers('out-900@reply.acme.example')] },
    decision: { action: 'hold', reason: 'agent-not-verified', candidates: [10] },
  },
]

const none: readonly Row[] = [
  {
    title: 'an inbox address',
    mail: { to: ['support@acme.example'], from: stranger },
    decision: {
      action: 'open',
      reason: 'new-conversation',
      inboxId: 30,
      accountId: 1,
      linkedToId: null,
      speaker: { name: 'Mallory', address: 'mallory@elsewhere.example' },
    },
  },
  {
    title: 'nothing of ours',
    mail: { to: ['someone@elsewhere.example'] },
    decision: { action: 'hold', reason: 'unknown-recipient', candidates: [] },
  },
  {
    title: 'inboxes of two accounts in the header, and no envelope',
    mail: { fields: ['To: support@acme.example', 'Cc: help@bolt.example'] },
    decision: { action: 'hold', reason: 'several-accounts', candidates: [] },
  },
  {
    title: 'reply addresses of two accounts in the header, and no envelope',
    mail: { fields: [`To: ${replyTo('a')}, ${replyTo('2', 'reply.bolt.example')}`] },
    decision: { action: 'hold', reason: 'several-accounts', candidates: [] },
  },
  {
    title: 'an unknown token',
    mail: { to: [replyTo('9')] },
    decision: { action: 'hold', reason: 'unknown-recipient', candidates: [] },
  },
]

const withoutAuthor: readonly Row[] = [
  {
    title: 'no From',
    mail: { from: null, to: [replyTo('a')] },
    decision: { action: 'hold', reason: 'from-missing', candidates: [10] },
  },
  {
    title: 'two authors in From',
    mail: { from: 'jane@customer.example, mallory@elsewhere.example', to: [replyTo('a')] },
    decision: { action: 'hold', reason: 'from-missing' },
  },
  {
    title: 'two From fields',
    mail: { fields: ['From: mallory@elsewhere.example'], to: [replyTo('a')] },
    decision: { action: 'hold', reason: 'doubled-header', candidates: [10] },
  },
  {
    title: 'two Message-IDs',
    mail: { fields: ['Message-ID: <one@x.example>', 'Message-ID: <two@x.example>'], to: [replyTo('a')] },
    decision: { action: 'hold', reason: 'doubled-header' },
  },
  {
    title: 'DMARC fail, p=reject',
    mail: { to: [replyTo('a')], fields: [results('dmarc=fail (p=REJECT) header.from=customer.example')] },
    decision: { action: 'hold', reason: 'forged-sender', candidates: [10] },
  },
  {
    title: 'DMARC fail, p=quarantine',
    mail: { to: [replyTo('a')], fields: [results('dmarc=fail (p=QUARANTINE) header.from=customer.example')] },
    decision: { action: 'hold', reason: 'forged-sender' },
  },
  {
    title: 'DMARC fail, policy unknown',
    mail: { to: [replyTo('a')], fields: [results('dmarc=fail header.from=customer.example')] },
    decision: { action: 'hold', reason: 'forged-sender' },
  },
  {
    title: 'DMARC fail, p=none: not a definite fail',
    mail: { to: [replyTo('a')], fields: [results('dmarc=fail (p=NONE) header.from=customer.example')] },
    decision: {
      action: 'append',
      reason: 'reply-address',
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false },
    },
  },
  {
    title: 'forged, at an inbox',
    mail: { to: ['support@acme.example'], fields: [results('dmarc=fail (p=REJECT) header.from=customer.example')] },
    decision: { action: 'hold', reason: 'forged-sender', candidates: [] },
  },
  {
    title: 'forged, in a thread',
    mail: {
      to: ['support@acme.example'],
      fields: [answers('out-900@reply.acme.example'), results('dmarc=fail (p=REJECT) header.from=customer.example')],
    },
    decision: { action: 'hold', reason: 'forged-sender', candidates: [10] },
  },
]

const gate: readonly Row[] = [
  {
    title: 'feature off, by reply address',
    given: ({ acme }) => {
      acme.inboundEmails = false
    },
    mail: { to: [replyTo('a')] },
    decision: { action: 'hold', reason: 'feature-off', candidates: [10] },
  },
  {
    title: 'feature off, by inbox',
    given: ({ acme }) => {
      acme.inboundEmails = false
    },
    mail: { to: ['support@acme.example'] },
    decision: { action: 'hold', reason: 'feature-off', candidates: [] },
  },
  {
    title: 'feature off, by thread',
    given: ({ acme }) => {
      acme.inboundEmails = false
    },
    mail: { to: ['x@reply.acme.example'], fields: [answers('out-900@reply.acme.example')] },
    decision: { action: 'hold', reason: 'feature-off', candidates: [10] },
  },
  {
    title: 'account suspended',
    given: ({ acme }) => {
      acme.active = false
    },
    mail: { to: [replyTo('a')] },
    decision: { action: 'hold', reason: 'account-suspended', candidates: [10] },
  },
  {
    title: 'account suspended, a bounce',
    given: ({ acme }) => {
      acme.active = false
    },
    mail: {
      from: 'MAILER-DAEMON@customer.example',
      reversePath: '',
      to: [bounceTo('c')],
      fields: reportHead('delivery-status'),
      text: report('out-900@reply.acme.example'),
    },
    decision: { action: 'hold', reason: 'account-suspended' },
  },
  {
    title: 'another account’s feature does not matter',
    given: ({ bolt }) => {
      bolt.inboundEmails = false
    },
    mail: { to: [replyTo('a')] },
    decision: { action: 'append', reason: 'reply-address' },
  },
]

const machines: readonly Row[] = [
  {
    title: 'an auto-reply is appended and reopens nothing',
    mail: { to: [replyTo('a')], fields: ['Auto-Submitted: auto-replied'] },
    decision: {
      action: 'append',
      reason: 'reply-address',
      reopens: false,
      marks: { autoReply: true, verified: false, viaOtherReplyAddress: false, reusedMessageId: false },
    },
  },
  {
    title: 'an auto-reply to the reverse-path, as RFC 3834 wants it, is appended',
    mail: { to: [bounceTo('c')], reversePath: '', fields: ['Auto-Submitted: auto-replied'] },
    decision: { action: 'append', reason: 'thread', conversationId: 10, reopens: false },
  },
  {
    title: 'a bounce belongs to the message whose reverse-path it came to',
    mail: {
      from: 'MAILER-DAEMON@customer.example',
      reversePath: '',
      to: [bounceTo('c')],
      fields: reportHead('delivery-status'),
      text: report('lost@nowhere.example'),
    },
    decision: { action: 'report', reason: 'bounce', messageId: 900 },
  },
  {
    title: 'a bounce belongs to the message whose Message-ID it quotes',
    mail: {
      from: 'MAILER-DAEMON@customer.example',
      reversePath: '',
      to: ['support@acme.example'],
      fields: reportHead('delivery-status'),
      text: report('out-900@reply.acme.example'),
    },
    decision: { action: 'report', reason: 'bounce', messageId: 900 },
  },
  {
    title: 'a bounce about another account’s message is ignored',
    mail: {
      from: 'MAILER-DAEMON@customer.example',
      reversePath: '',
      to: ['support@acme.example'],
      fields: reportHead('delivery-status'),
      text: report('out-950@reply.bolt.example'),
    },
    decision: { action: 'ignore', reason: 'report-without-message' },
  },
  {
    title: 'a bounce about no message of ours, sent to a conversation, is for a person to look at',
    mail: {
      from: 'MAILER-DAEMON@customer.example',
      reversePath: '',
      to: [replyTo('a')],
      fields: reportHead('delivery-status'),
      text: report('lost@nowhere.example'),
    },
    decision: { action: 'hold', reason: 'report-unmatched', candidates: [10] },
  },
  {
    title: 'a bounce about an incoming message is ignored',
    mail: {
      from: 'MAILER-DAEMON@customer.example',
      reversePath: '',
      to: ['support@acme.example'],
      fields: reportHead('delivery-status'),
      text: report('jane-1@customer.example'),
    },
    decision: { action: 'ignore', reason: 'report-without-message' },
  },
  {
    title: 'a complaint',
    mail: {
      from: 'fbl@isp.example',
      to: [bounceTo('c')],
      fields: reportHead('feedback-report'),
      text: report('out-900@reply.acme.example', 'message/feedback-report', 'Feedback-Type: abuse\r\nVersion: 1'),
    },
    decision: { action: 'report', reason: 'complaint', messageId: 900 },
  },
  {
    title: 'a read receipt',
    mail: {
      to: [replyTo('a')],
      fields: [...reportHead('disposition-notification'), answers('out-900@reply.acme.example')],
      text: report(
        'out-900@reply.acme.example',
        'message/disposition-notification',
        'Original-Message-ID: <out-900@reply.acme.example>\r\nDisposition: manual-action/MDN-sent-manually; displayed',
      ),
    },
    decision: { action: 'report', reason: 'read-receipt', messageId: 900 },
  },
  {
    title: 'our own mail come back',
    mail: { to: ['support@acme.example'], fields: ['Message-ID: <out-900@reply.acme.example>'] },
    decision: { action: 'ignore', reason: 'own-mail' },
  },
  {
    title: 'a mail from a reply address',
    mail: { to: [replyTo('a')], from: replyTo('1') },
    decision: { action: 'ignore', reason: 'mail-loop' },
  },
  {
    title: 'a mail from an inbox of ours',
    mail: { to: [replyTo('a')], from: 'Support@acme.example' },
    decision: { action: 'ignore', reason: 'mail-loop' },
  },
  {
    title: 'a mail from another account’s inbox is none',
    mail: { to: ['support@acme.example'], from: 'help@bolt.example' },
    decision: { action: 'open', reason: 'new-conversation', inboxId: 30 },
  },
  {
    title: 'a mail that a verified agent forwards is the customer’s',
    mail: { to: ['support@acme.example'], from: gus, fields: [agentPass, 'Subject: Fwd: Shoes'], text: forwarded },
    decision: {
      action: 'open',
      reason: 'forwarded-by-agent',
      inboxId: 30,
      speaker: { name: 'Mia', address: 'mia@customer.example' },
      forward: { userId: 7, above: '', mail: { subject: 'Shoes', replyText: 'Too small.' } },
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false },
    },
  },
  {
    title: 'a mail that an agent forwards without authentication is not the customer’s',
    mail: { to: ['support@acme.example'], from: gus, fields: ['Subject: Fwd: Shoes'], text: forwarded },
    decision: { action: 'open', reason: 'new-conversation', speaker: { name: 'Gus', address: 'gus@staff.example' } },
  },
  {
    title: 'a mail that another account sent is not our own',
    mail: {
      to: ['support@acme.example'],
      from: 'someone@bolt.example',
      fields: ['Message-ID: <out-950@reply.bolt.example>'],
    },
    decision: { action: 'open', reason: 'new-conversation' },
  },
  {
    title: 'a mail that passed more than a hundred hosts',
    mail: {
      to: [replyTo('a')],
      fields: Array.from({ length: 101 }, (_, hop) => `Received: by hop${String(hop)}.example`),
    },
    decision: { action: 'ignore', reason: 'mail-loop' },
  },
  {
    title: 'a mail that passed a hundred hosts is none',
    mail: {
      to: [replyTo('a')],
      fields: Array.from({ length: 100 }, (_, hop) => `Received: by hop${String(hop)}.example`),
    },
    decision: { action: 'append', reason: 'reply-address' },
  },
  {
    title: 'a mail from someone else’s address of that shape is none',
    mail: { to: [replyTo('a')], from: replyTo('1', 'elsewhere.example') },
    decision: { action: 'append', reason: 'reply-address-other-sender' },
  },
  {
    title: 'a newsletter to an inbox',
    mail: { to: ['support@acme.example'], from: 'news@shop.example', fields: ['List-Id: <news.shop.example>'] },
    decision: { action: 'ignore', reason: 'mailing-list' },
  },
  {
    title: 'a list’s mail that answers a conversation is kept',
    mail: { to: [replyTo('a')], fields: ['List-Id: <team.customer.example>'] },
    decision: { action: 'append', reason: 'reply-address' },
  },
  {
    title: 'a group address in front of the inbox is the inbox',
    mail: {
      to: ['support@acme.example'],
      from: stranger,
      fields: ['List-Id: <support.acme.example>', 'Precedence: list'],
    },
    decision: { action: 'open', reason: 'new-conversation', inboxId: 30 },
  },
  {
    title: 'such a group by List-Post',
    mail: {
      to: ['support+team@acme.example'],
      from: stranger,
      fields: ['List-Id: <x>', 'List-Post: <mailto:support@acme.example>'],
    },
    decision: { action: 'open', reason: 'new-conversation', inboxId: 30 },
  },
  {
    title: 'a second copy of a message',
    mail: { to: [replyTo('a')], fields: ['Message-ID: <jane-1@customer.example>'], text: 'Where is my order?' },
    decision: { action: 'ignore', reason: 'duplicate-message' },
  },
  {
    title: 'a second copy that came to an inbox',
    mail: {
      to: ['support@acme.example'],
      fields: ['Message-ID: <jane-1@customer.example>'],
      text: 'Where is my order?',
    },
    decision: { action: 'ignore', reason: 'duplicate-message' },
  },
  {
    title: 'a Message-ID used again by someone else is another mail, marked',
    mail: {
      to: [replyTo('a')],
      from: stranger,
      fields: ['Message-ID: <jane-1@customer.example>'],
      text: 'Where is my order?',
    },
    decision: {
      action: 'append',
      reason: 'reply-address-other-sender',
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: true, reusedMessageId: true },
    },
  },
  {
    title: 'a mail of a sender whom the account has blocked',
    mail: { to: [replyTo('a')], from: 'pest@spam.example' },
    decision: { action: 'ignore', reason: 'blocked-sender' },
  },
  {
    title: 'a Message-ID used again for other words is another mail, marked',
    mail: { to: [replyTo('a')], fields: ['Message-ID: <jane-1@customer.example>'], text: 'Forget it.' },
    decision: {
      action: 'append',
      reason: 'reply-address',
      marks: { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: true },
    },
  },
]

const table = {
  'a contact’s live reply token': contactToken,
  'an agent’s live reply token': agentToken,
  'an agent’s address for new conversations': newAddress,
  'a mail that is forwarded as a file': attachedForward,
  'a token that has expired or was revoked': spentToken,
  'no token, but a thread': thread,
  'neither token nor thread': none,
  'From missing, doubled or forged': withoutAuthor,
  'the gate': gate,
  'what machines write': machines,
}

describe.each(Object.entries(table))('%s', (_name, rows) => {
  test.each(rows)('$title', async ({ given, mail, decision }) => {
    const ledger = createLedger()
    given?.(ledger)
    const verdict = await judge(ledger, mail)
    expect(verdict.decision).toMatchObject(decision)
    expect(verdict.trace.at(-1)).toEqual({ step: 'decision', outcome: decision.action, detail: decision.reason })
  })
})

// Reasons that no judgement gives, but a person or a fault: proven where the database is.
const given = ['filed-by-hand', 'opened-by-hand', 'discarded', 'taken-back', 'tried-to-the-end', 'not-fetched']

test('every reason is given by a row above, or asserted where a person or a fault gives it', () => {
  const shown = new Set(
    Object.values(table)
      .flat()
      .map(({ decision }) => decision.reason),
  )
  const elsewhere = ['test/unit/pipeline', 'test/integration', 'test/contract']
    .flatMap((folder) => trackedFiles(folder, '.test.ts'))
    .map(read)
    .join('\n')
  const lacking = Object.values(reasons)
    .flat()
    .filter((reason) => !shown.has(reason) && !(given.includes(reason) && elsewhere.includes(`'${reason}'`)))
  expect(lacking).toEqual([])
})
