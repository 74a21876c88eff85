// …/inboxes: list and show (chatwoot.md §4.2). Agents see the inboxes that they are members of.

import type { Ledger } from '../../conversations/ledger.ts'
import { inboxShape, presentInbox } from '../present/inbox.ts'
import { payloadOf } from '../present/kinds.ts'
import { found, notAllowed } from '../request/fault.ts'
import { idOf } from '../request/fields.ts'
import { forMember, type Route } from '../request/route.ts'
import { seesInbox } from '../conversations/get-conversation.ts'

export function inboxRoutes(ledger: Pick<Ledger, 'inboxes'>): Route[] {
  return [
    forMember('GET /inboxes', { tag: 'Inboxes', summary: 'The inboxes that one sees', answer: payloadOf(inboxShape) }, async ({ member }) => {
      const inboxes = await ledger.inboxes.listInboxes(member.account.id, member.visibleInboxes)
      return { payload: inboxes.map((inbox) => presentInbox(inbox, member.role === 'administrator')) }
    }),
    forMember('GET /inboxes/:id', { tag: 'Inboxes', summary: 'One inbox', answer: inboxShape }, async ({ member, params }) => {
      const inbox = found(await ledger.inboxes.findInbox(member.account.id, idOf(params['id'])))
      if (!seesInbox(member, inbox.id)) throw notAllowed()
      return presentInbox(inbox, member.role === 'administrator')
    }),
  ]
}
