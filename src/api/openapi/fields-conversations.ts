// Fields of conversations, messages, visitors and search.

import { sortNames } from '../../conversations/list/orders.ts'
import { contentTypes } from '../../conversations/messages/content-kinds.ts'
import { conversationStatuses, messageStatuses, messageTypes, priorities } from '../../conversations/records/rows.ts'
import { field, type FieldDocs, typed } from './field-doc.ts'

const idOrNull = { type: ['integer', 'null'] }
const strings = { type: 'array', items: { type: 'string' } }
const statusOrAll = [...conversationStatuses, 'all']

export const conversationFields: FieldDocs = {
  after: field('Only messages with an id above this one', 120),
  around: field('The message with this id, the 20 before it and the 20 after it', 140),
  without_html: field(
    'Leaves out the HTML of mails; `content_attributes.email.has_html` says where there is one',
    true,
  ),
  assignee_id: typed(idOrNull, 'Id of the agent; null or 0 removes the assignee', 3),
  'GET /conversations assignee_id': field('Only conversations assigned to this agent', 3),
  assignee_type: field('Only conversations assigned to the caller, unassigned ones, or assigned ones', 'me', [
    'me',
    'unassigned',
    'assigned',
    'all',
  ]),
  'POST /conversations/:displayId/assignments assignee_type': field(
    'The type of `assignee_id`: a user or a bot',
    'User',
    ['User', 'AgentBot'],
  ),
  'UPDATE /conversations/:displayId/draft attachments': field('The `blob_id`s of uploaded files', [
    '677f54fc-4f2e-4a5c-9b1b-0f0d6f1a8a10',
  ]),
  'UPDATE /conversations/:displayId/draft content': field('The text so far', 'Hello Ann'),
  attachments: typed(strings, 'Files as parts of a form, or the `blob_id`s of files that were uploaded before', []),
  bcc_emails: field('Addresses of blind copies, in email inboxes', ['audit@example.com']),
  before: field('Only messages with an id below this one: the 20 before it', 160),
  campaign_id: field('Marks the message as part of a campaign of your own', 'spring-sale'),
  cc_emails: field('Addresses of copies, in email inboxes', ['ben@example.com']),
  content: field('The text, as Markdown', 'Your order is on its way'),
  'Canned responses.content': field('The text of the canned response', 'Thank you for writing to us.'),
  'Contacts.content': field('The text of the note', 'Prefers to be called in the morning'),
  content_attributes: field('Facts that belong to the message, such as `in_reply_to`', { in_reply_to: 118 }),
  content_type: field('How clients show the message', 'text', contentTypes),
  conversation_type: field('Only conversations of this kind', 'unattended', [
    'mention',
    'participating',
    'unattended',
    'resolvable',
  ]),
  cursor: field('`start` for the first page, then the `next_cursor` of the page before', 'start'),
  displayId: field('Number of the conversation in its account (`id` in answers)', 2),
  bcc: field('Addresses of blind copies, finished or not', ['audit@example.com']),
  cc: field('Addresses of copies, finished or not', ['ben@example.com']),
  draft: field('Deletes your draft in the conversation', true),
  'Messages.mode': field('The kind of draft: a reply or a private note', 'reply', ['reply', 'note']),
  to: field('Addresses of recipients, finished or not', ['ann@example.com']),
  version: field('Version of the draft that you know; absent or 0 for none', 12),
  viewing: field('True if you have the conversation open; the default', true),
  echo_id: field(
    'Id that the client gave the message: it is answered, and a retry with it writes nothing twice',
    'c-4711',
  ),
  expires_in_days: typed(
    { type: 'integer', minimum: 1, maximum: 3650 },
    'For how many days at least the address is valid, 1 to 3650',
    90,
  ),
  external_created_at: field('When the message was written elsewhere, in seconds since 1970', '1796030000'),
  external_error: field('Why the message could not be delivered; with the status `failed`', 'no such number'),
  filter_internal_messages: field('Leaves out private notes and activity lines', true),
  is_private: field('True if a private note is being typed', false),
  labels: field('Titles of labels', ['billing', 'vip']),
  'GET /conversations labels': field('Only conversations with any of these labels', ['billing']),
  'Contacts.labels': field('Titles of labels; in lists: only contacts with any of them', ['vip']),
  label: field('Title of the label', 'billing'),
  merge: field('Keeps the attributes that are not named', true),
  'POST /bulk_actions type': field('Type of the ids', 'Conversation', ['Conversation']),
  'POST /bulk_actions ids': typed(
    { type: 'array', items: { type: 'integer' } },
    'Numbers of conversations, at most 100',
    [2, 3],
  ),
  'POST /bulk_actions fields': field('Any of `status`, `assignee_id`, `team_id`, `priority`; null removes', {
    status: 'resolved',
  }),
  'POST /bulk_actions labels': field('Labels to `add` and to `remove`', { add: ['billing'] }),
  mergeId: field('Id of the merge', 7),
  message: typed(
    { type: 'object', additionalProperties: true },
    'The first message, with the fields of `POST …/messages`',
    { content: 'Hello Ann' },
  ),
  messageId: field('Id of the message', 121),
  message_type: field(
    '`incoming` from the contact (API inboxes only), `outgoing` to the contact',
    'outgoing',
    messageTypes,
  ),
  priority: typed(
    { type: ['string', 'null'], enum: [...priorities, 'none', null] },
    'The priority; null or `none` removes it',
    'high',
  ),
  private: field('A note that only agents see', false),
  q: field('Words to search for', 'order 4711'),
  'Contacts.q': field('Part of a name, email address, phone number or identifier', 'ann'),
  send: field('Send the held answer on to the customer as that agent’s reply', true),
  send_after_seconds: typed({ type: 'integer', minimum: 0, maximum: 120 }, 'The older name of `undo_seconds`', 10),
  send_at: field(
    'When the mail leaves: seconds since 1970, or an ISO 8601 time, at most a year away; in email inboxes',
    '1796119200',
  ),
  sender_id: field('Id of the bot, with `sender_type`', 1),
  sender_type: field('`AgentBot`: the message is written in the name of a bot', 'AgentBot', ['AgentBot']),
  snoozed_until: field(
    'When a snoozed conversation opens again: seconds since 1970, or an ISO 8601 time',
    '1796119200',
  ),
  sort_by: field('The order of the list', 'latest', sortNames),
  sourceId: field('Key of the visitor, as `POST …/contacts` answered it', '677f54fc-4f2e-4a5c-9b1b-0f0d6f1a8a10'),
  source_id: field('Name of the contact in the inbox; in email inboxes the address', 'ann@example.com'),
  'Messages.source_id': field('Id of the message elsewhere; in email inboxes its Message-ID', 'm-1@shop.example'),
  'Visitors.source_id': field('Key of a returning visitor', '677f54fc-4f2e-4a5c-9b1b-0f0d6f1a8a10'),
  status: field('The status of the conversation', 'open', conversationStatuses),
  'GET /conversations status': field('Only conversations of this status; `open` if absent', 'open', statusOrAll),
  'Messages.status': field('The delivery status of the message; it never goes back', 'delivered', messageStatuses),
  submitted_email: field('Email address that the visitor filled in', 'ann@example.com'),
  submitted_values: typed({ type: ['array', 'object'] }, 'The visitor’s selection or input', [
    { name: 'size', value: 'M' },
  ]),
  tabs: field('Counts mentions, conversations that you take part in and unattended ones as well', true),
  target_language: field('Language to translate to, as in BCP 47', 'de'),
  team_id: typed(idOrNull, 'Id of the team; null or 0 removes the team', 1),
  'GET /conversations team_id': field('Only conversations of this team', 1),
  template_params: field('Parameters of a message template of the channel', { name: 'order_shipped' }),
  to_emails: field('Recipients instead of the conversation’s recipient, in email inboxes', ['ann@example.com']),
  undo_seconds: typed(
    { type: 'integer', minimum: 0, maximum: 120 },
    'For how many seconds the mail waits at least, in which `POST …/cancel_send` takes it back',
    10,
  ),
  typing_status: field('True if the person is typing', 'on', ['on', 'off']),
  updated_within: field('Only conversations that changed in the last so many seconds', '3600'),
  user_ids: field('Ids of users', [3, 4]),
}
