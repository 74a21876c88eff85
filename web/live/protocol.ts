// What tabs and the stream's worker say to each other, and the names of the events of the API's stream.

/** From a tab. */
export type Request = { readonly kind: 'listen'; readonly accountId: number } | { readonly kind: 'leave' }

/** To a tab. */
export type StreamMessage =
  | { readonly kind: 'state'; readonly state: 'online' | 'offline' }
  /** The server ended the stream: perhaps the session is over. */
  | { readonly kind: 'refused' }
  /** Events were missed that are no longer kept: everything is to be read anew. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'event'; readonly event: LiveEvent }

export interface LiveEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Events that the client follows; EventSource has to be asked for each by its name. */
export const eventNames = [
  'message.created',
  'message.updated',
  'conversation.created',
  'conversation.updated',
  'conversation.status_changed',
  'conversation.read',
  'conversation.contact_changed',
  'conversation.mentioned',
  'conversation.typing_on',
  'conversation.typing_off',
  'conversation.viewing',
  'conversation.merged',
  'conversation.unmerged',
  'conversation.deleted',
  'assignee.changed',
  'team.changed',
  'first.reply.created',
  'contact.created',
  'contact.updated',
  'contact.merged',
  'contact.deleted',
  'inbox.created',
  'inbox.updated',
  'inbound_email.held',
  'inbound_email.updated',
] as const
