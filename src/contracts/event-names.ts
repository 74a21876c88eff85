// Every event by its name, what causes it, and which receivers get it. The one list: types, presenters and checks
// derive from it, and a contract test compares it with the database's triggers.

interface EventKind {
  /** `rows`: a trigger writes it when rows change. `action`: `recordEvent` writes it, because no row changes. */
  readonly cause: 'rows' | 'action'
  /** Posted to the bot of the conversation's inbox, as in Chatwoot. */
  readonly bots?: true
  /** Automation rules may wait for it. */
  readonly rules?: true
}

export const eventKinds = {
  conversation_created: { cause: 'rows', rules: true },
  conversation_updated: { cause: 'rows', rules: true },
  conversation_opened: { cause: 'rows', rules: true, bots: true },
  conversation_resolved: { cause: 'rows', rules: true, bots: true },
  conversation_status_changed: { cause: 'rows' },
  conversation_read: { cause: 'rows' },
  conversation_contact_changed: { cause: 'rows' },
  conversation_typing_on: { cause: 'action' },
  conversation_typing_off: { cause: 'action' },
  conversation_viewing: { cause: 'action' },
  conversation_mentioned: { cause: 'action' },
  conversation_bot_handoff: { cause: 'action' },
  conversation_merged: { cause: 'action' },
  conversation_unmerged: { cause: 'action' },
  assignee_changed: { cause: 'rows' },
  team_changed: { cause: 'rows' },
  first_reply_created: { cause: 'rows' },
  message_created: { cause: 'rows', rules: true, bots: true },
  message_updated: { cause: 'rows', bots: true },
  contact_created: { cause: 'rows' },
  contact_updated: { cause: 'rows' },
  contact_merged: { cause: 'action' },
  contact_deleted: { cause: 'rows' },
  inbox_created: { cause: 'rows' },
  inbox_updated: { cause: 'rows' },
  inbound_email_held: { cause: 'rows' },
  inbound_email_updated: { cause: 'rows' },
} as const satisfies Readonly<Record<string, EventKind>>

export type EventName = keyof typeof eventKinds

/** Events that `recordEvent` writes. */
export type ActionEventName = {
  [Name in EventName]: (typeof eventKinds)[Name]['cause'] extends 'action' ? Name : never
}[EventName]

const kinds: readonly (readonly [string, EventKind])[] = Object.entries(eventKinds)

/** Events that are posted to bots. */
export const botEvents: readonly string[] = kinds.filter(([, kind]) => kind.bots === true).map(([name]) => name)

/** Events that automation rules may wait for. */
export const ruleEvents: readonly string[] = kinds.filter(([, kind]) => kind.rules === true).map(([name]) => name)

/**
 * Events that webhooks may subscribe to, in Chatwoot's order: a webhook without subscriptions gets the first eight.
 * `webwidget_triggered` is accepted and never sent, because there is no widget.
 */
export const webhookEvents = [
  'conversation_status_changed',
  'conversation_updated',
  'conversation_created',
  'contact_created',
  'contact_updated',
  'message_created',
  'message_updated',
  'webwidget_triggered',
  'inbox_created',
  'inbox_updated',
  'conversation_typing_on',
  'conversation_typing_off',
] as const satisfies readonly (EventName | 'webwidget_triggered')[]
