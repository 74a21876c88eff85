// How rows of the ledger become the facts that routing asks for. `$1` of every such query is the installation's reply
// domain.

import { hasInbound, isActive } from '../../db/rules.ts'

export const accountColumns = `
  a.id as account_id,
  ${isActive('a')} as active,
  ${hasInbound('a')} as inbound_emails,
  coalesce(a.domain, $1::text) as domain,
  array(
    select r.domain::text
    from reply_domains r
    where (r.account_id = a.id or r.account_id is null) and r.expires_at > now()
  ) as former_domains,
  a.settings ->> 'other_senders' = 'hold' as holds_other_senders
`

export interface AccountLookupRow {
  account_id: number
  active: boolean
  inbound_emails: boolean
  domain: string
  former_domains: string[]
  holds_other_senders: boolean | null
}

export interface ConversationLookupRow extends AccountLookupRow {
  conversation_id: number
  display_id: number
  inbox_id: number
  contact_id: number
}

export function accountOf(row: AccountLookupRow) {
  return {
    id: row.account_id,
    active: row.active,
    inboundEmails: row.inbound_emails,
    domain: row.domain,
    formerDomains: row.former_domains,
    keepsOtherSenders: row.holds_other_senders ?? false,
  }
}

export function conversationOf(row: ConversationLookupRow) {
  return {
    id: row.conversation_id,
    displayId: row.display_id,
    inboxId: row.inbox_id,
    contactId: row.contact_id,
    account: accountOf(row),
  }
}
