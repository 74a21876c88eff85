// The filter attributes, their kinds and operators. Fixed text only: a client's value selects a line, it never becomes
// SQL. `c` is a conversation, `k` a contact, `m` the message of an automation.

import { conversationStatuses, messageTypes, priorities } from '../records/rows.ts'
import type { Operator } from './conditions.ts'
import { flag, type Kind, labels, number, oneOf, phones, searched, text, texts } from './kinds.ts'
import { time } from './moments.ts'

export interface Attribute {
  readonly sql: string
  readonly kind: Kind
  readonly operators: readonly Operator[]
}

/** The filtered rows: conversations `c`, contacts `k`, or a conversation `c` together with a message `m`. */
export type Subject = 'conversation' | 'contact' | 'automation'

const equality: readonly Operator[] = ['equal_to', 'not_equal_to']
const presence: readonly Operator[] = [...equality, 'is_present', 'is_not_present']
const words: readonly Operator[] = [...equality, 'contains', 'does_not_contain']
const beginnings: readonly Operator[] = [...words, 'starts_with']
const order: readonly Operator[] = ['is_greater_than', 'is_less_than', 'days_before']

const conversation: readonly (readonly [key: string, attribute: Attribute])[] = [
  ['status', { sql: 'c.status', kind: oneOf(conversationStatuses, 'conversation_status'), operators: equality }],
  ['assignee_id', { sql: 'c.assignee_id', kind: number, operators: presence }],
  ['inbox_id', { sql: 'c.inbox_id', kind: number, operators: presence }],
  ['team_id', { sql: 'c.team_id', kind: number, operators: presence }],
  ['contact_id', { sql: 'c.contact_id', kind: number, operators: equality }],
  ['priority', { sql: 'c.priority', kind: oneOf(priorities, 'priority'), operators: presence }],
  ['display_id', { sql: 'c.display_id', kind: number, operators: words }],
  ['campaign_id', { sql: `(c.additional_attributes ->> 'campaign_id')`, kind: text, operators: presence }],
  ['labels', { sql: 'c.labels', kind: labels, operators: presence }],
  [
    'browser_language',
    {
      sql: `
        coalesce(
          c.additional_attributes ->> 'browser_language',
          c.additional_attributes #>> '{browser,browser_language}'
        )
      `,
      kind: text,
      operators: presence,
    },
  ],
  [
    'conversation_language',
    { sql: `(c.additional_attributes ->> 'conversation_language')`, kind: text, operators: presence },
  ],
  ['country_code', { sql: `(c.additional_attributes ->> 'country_code')`, kind: text, operators: presence }],
  ['referer', { sql: `(c.additional_attributes ->> 'referer')`, kind: text, operators: words }],
  ['mail_subject', { sql: `(c.additional_attributes ->> 'mail_subject')`, kind: text, operators: words }],
  ['created_at', { sql: 'c.created_at', kind: time, operators: order }],
  ['last_activity_at', { sql: 'c.last_activity_at', kind: time, operators: order }],
]

// A contact's own, and those of contacts that were merged into it, one a line.
function allOf(own: string, further: string): string {
  return `nullif(array_to_string(${own}::text || ${further}, E'\\n'), '')`
}

const contact: readonly (readonly [key: string, attribute: Attribute])[] = [
  ['name', { sql: 'k.name', kind: searched(text), operators: beginnings }],
  [
    'email',
    {
      sql: allOf('k.email', 'k.additional_emails'),
      kind: searched(texts),
      operators: [...beginnings, 'is_present', 'is_not_present'],
    },
  ],
  [
    'phone_number',
    {
      sql: allOf('k.phone_number', 'k.additional_phone_numbers'),
      kind: phones,
      operators: [...beginnings, 'is_present', 'is_not_present'],
    },
  ],
  [
    'identifier',
    { sql: allOf('k.identifier', 'k.additional_identifiers'), kind: searched(texts), operators: presence },
  ],
  [
    'country_code',
    {
      sql: `(k.additional_attributes ->> 'country_code')`,
      kind: text,
      operators: [...presence, 'contains', 'does_not_contain'],
    },
  ],
  [
    'city',
    {
      sql: `(k.additional_attributes ->> 'city')`,
      kind: text,
      operators: [...presence, 'contains', 'does_not_contain'],
    },
  ],
  [
    'company',
    {
      sql: `coalesce(k.additional_attributes ->> 'company_name', k.additional_attributes ->> 'company')`,
      kind: text,
      operators: [...presence, 'contains', 'does_not_contain'],
    },
  ],
  [
    'company_name',
    {
      sql: `(k.additional_attributes ->> 'company_name')`,
      kind: text,
      operators: [...presence, 'contains', 'does_not_contain'],
    },
  ],
  ['labels', { sql: 'k.labels', kind: labels, operators: presence }],
  ['created_at', { sql: 'k.created_at', kind: time, operators: order }],
  ['last_activity_at', { sql: 'k.last_activity_at', kind: time, operators: order }],
  ['blocked', { sql: 'k.blocked', kind: flag, operators: equality }],
]

const message: readonly (readonly [key: string, attribute: Attribute])[] = [
  ['message_type', { sql: 'm.message_type', kind: oneOf(messageTypes, 'message_type'), operators: equality }],
  ['content', { sql: 'm.content', kind: text, operators: beginnings }],
  ['private_note', { sql: 'm.private', kind: flag, operators: equality }],
]

// The contact of a conversation, asked from there.
const ofContact = contact
  .filter(([key]) => ['name', 'email', 'phone_number', 'city', 'company'].includes(key))
  .map(
    ([key, attribute]) =>
      [key, { ...attribute, sql: `(select ${attribute.sql} from contacts k where k.id = c.contact_id)` }] as const,
  )

const ofAutomation = [...ofContact, ...conversation.map(([key, attribute]) => [key, attribute] as const), ...message]

export const attributes: Readonly<Record<Subject, ReadonlyMap<string, Attribute>>> = {
  conversation: new Map(conversation),
  contact: new Map(contact),
  automation: new Map(ofAutomation),
}

export type Model = 'conversation_attribute' | 'contact_attribute'

/** The JSON of custom attributes of a model, seen from what is filtered. */
export function customColumn(subject: Subject, model: Model): string {
  if (model === 'conversation_attribute') return 'c.custom_attributes'
  return subject === 'contact'
    ? 'k.custom_attributes'
    : '(select k.custom_attributes from contacts k where k.id = c.contact_id)'
}
