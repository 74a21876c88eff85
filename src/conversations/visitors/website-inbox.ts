// The inbox that a website or an app names by its identifier.

import type { Db } from '../../db/client.ts'
import { inboxInclude, toInboxRows } from '../records/row-mapping.ts'
import type { InboxRow } from '../records/rows.ts'

/** The website inbox of visitors. */
export interface WebsiteInbox {
  readonly inbox: InboxRow
  /** Null = anywhere. */
  readonly authorizedDomains: readonly string[] | null
}

/** The inbox that has this identifier or website token, of an account that is active; or null. */
export async function findWebsiteInbox(db: Db, identifier: string): Promise<WebsiteInbox | null> {
  const record = await db.inbox.findFirst({
    where: { account: { status: 'active' }, channel: { OR: [{ identifier }, { websiteToken: identifier }] } },
    include: inboxInclude,
  })
  const [inbox] = toInboxRows([record])
  if (inbox === undefined) return null
  const domains = inbox.channel.settings['authorized_domains']
  return { inbox, authorizedDomains: Array.isArray(domains) && domains.length > 0 ? domains.map(String) : null }
}
