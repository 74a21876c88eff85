// Fields of contacts, filters, imports and accepted mail.

import { inboundStatuses } from '../../contracts/inbound-email.ts'
import { filterTypes } from '../../conversations/account/insert-filter.ts'
import { field, type FieldDocs, typed } from './field-doc.ts'

const conditions = { type: 'array', items: { type: 'object', additionalProperties: true } }
const condition = {
  attribute_key: 'status',
  filter_operator: 'equal_to',
  values: ['open'],
  query_operator: null,
}

export const contactFields: FieldDocs = {
  additional_attributes: field('Facts such as `city`, `country`, `company_name`', { city: 'Oslo' }),
  'POST /conversations additional_attributes': field(
    'Facts such as `mail_subject`, the subject of mails of the conversation',
    {
      mail_subject: 'Your order 4711',
    },
  ),
  base_contact_id: field('Id of the contact that stays', 7),
  blocked: field('True to ignore the contact’s messages', false),
  column_names: field('Columns of the CSV; all if absent', ['id', 'name', 'email']),
  contact_id: field('Id of the contact', 7),
  'POST /conversations/:displayId/reply_address contact_id': field('Contact who gets the mail', 7),
  conversation_id: field('Number of the conversation in its account', 2),
  custom_attributes: field('Values by key of the custom attribute', { plan: 'pro' }),
  'POST /conversations/:displayId/destroy_custom_attributes custom_attributes': field('Keys to remove', ['plan']),
  'POST /contacts/:id/destroy_custom_attributes custom_attributes': field('Keys to remove', ['plan']),
  email: field('Email address', 'ann@example.com'),
  'POST /conversations/:displayId/transcript email': field('The address that gets the transcript', 'ann@example.com'),
  'POST /conversations/:displayId/recipient email': field(
    'Address that gets the answers from now on',
    'ann@example.com',
  ),
  'POST /conversations/:displayId/reply_address email': field('Address that gets the mail', 'ann@example.com'),
  email_hash: field(
    'Hex HMAC-SHA256 of the email address with the inbox’s key: proves the address',
    'f1d2d2f924e986ac',
  ),
  filter_type: field('The records that the filter selects', 'conversation', filterTypes),
  identifier: field('Your own id of the contact', 'user-42'),
  identifier_hash: field('Hex HMAC-SHA256 of `identifier` with the inbox’s key: proves it', '0c1f8d4bd3a1e8f7'),
  include_contact_inboxes: field('True to include the contact’s inboxes', true),
  mergee_contact_id: field('Id of the contact that is merged into the other and removed', 8),
  noteId: field('Id of the note', 5),
  page: field('Number of the page, from 1', 1),
  payload: typed(conditions, 'Conditions, each joined with the next by its `query_operator` (`and`, `or`)', [
    condition,
  ]),
  'POST /contacts/filter payload': typed(
    conditions,
    'Conditions, each joined with the next by its `query_operator` (`and`, `or`)',
    [{ attribute_key: 'email', filter_operator: 'contains', values: ['example.com'], query_operator: null }],
  ),
  'POST /contacts/export payload': typed(conditions, 'Only contacts that meet these conditions', [
    { attribute_key: 'email', filter_operator: 'contains', values: ['example.com'], query_operator: null },
  ]),
  'POST /contacts/export label': field('Only contacts with this label', 'vip'),
  phone_number: field('Phone number as in E.164', '+4791000000'),
  query: field('The filter, as `payload` of the filter paths has it', { payload: [condition] }),
  reason: field('Only mail with this reason', 'unknown-recipient'),
  'POST /inbound_emails/compose from': field('Address of the author', 'ann@example.com'),
  'POST /inbound_emails/compose to': field('Recipients', ['support@reply.example.com']),
  'POST /inbound_emails/compose subject': field('The subject', 'Where is my order?'),
  'POST /inbound_emails/compose text': field('The words', 'It has not arrived.'),
  'POST /inbound_emails/compose in_reply_to': field(
    'Message-ID of the mail that it answers',
    'CAF=9b1b@mail.example.com',
  ),
  cursor: field('`next_cursor` of the page before; `start` for the first', 'start'),
  ingress: field('Only mail that came by this way', 'smtp'),
  'GET /inbound_emails sender': field('Only mail from this address', 'ann@example.com'),
  'GET /inbound_emails subject': field('Part of the subject', 'order 4711'),
  'GET /inbound_emails message_id': field('Only mail with this Message-ID', 'CAF=9b1b@mail.example.com'),
  'GET /inbound_emails since': field('Only mail received at this time or later', '2026-11-30T00:00:00Z'),
  'GET /inbound_emails until': field('Only mail received before this time', '2026-12-01T00:00:00Z'),
  'POST /inbound_emails/:id/open inbox_id': field('Inbox of the conversation; absent = where the mail was going', 1),
  recipient: field('Envelope recipients of the mail', ['support@reply.example.com']),
  sender: field('Reverse-path of the mail; absent = that of its Return-Path', 'ann@example.com'),
  sort: field('Names of columns, comma-separated; `-` before one reverses it', '-last_activity_at'),
  'GET /inbound_emails status': field('Only mail in these states', ['held'], inboundStatuses),
  'Inbound emails.q': field('Part of the sender, the subject or the Message-ID', 'ann@example.com'),
  'POST /contact_inboxes/filter source_id': field('Name of the contact in the inbox', 'ann@example.com'),
  'Contacts.name': field('Name of the contact', 'Ann Smith'),
  'Visitors.name': field('Name of the visitor', 'Ann Smith'),
}
