// The address of a subscriber and its signing secret, as they are now.

import { isApiSql } from '../../contracts/channels.ts'
import { queryOne, type Sql } from '../../db/pool.ts'

export interface Target {
  readonly url: string
  /** Null: nothing is signed. */
  readonly secret: string | null
}

// An Api inbox's messages are signed with the HMAC token that its administrators see.
const queries = new Map([
  ['webhook', 'select url, secret from webhooks where id = $1'],
  ['agent_bot', `select outgoing_url as url, secret from agent_bots where id = $1 and outgoing_url <> ''`],
  // A rule's own, each by the hash of its address: unsigned, as in Chatwoot. Without one (what an earlier version
  // queued): the rule's first.
  [
    'automation_rule',
    `
      select url, null as secret
      from automation_rules r,
        jsonb_array_elements(r.actions) with ordinality as n(a, ordinal),
        coalesce(a -> 'action_params' ->> 0, a ->> 'action_params') as url
      where r.id = $1 and a ->> 'action_name' = 'send_webhook_event' and ($2 = '' or md5(url) = $2)
      order by ordinal
      limit 1
    `,
  ],
  [
    'inbox',
    `
      select ch.webhook_url as url, ch.hmac_token as secret
      from inboxes i
      join channels ch on ch.id = i.channel_id
      where i.id = $1 and ${isApiSql} and ch.webhook_url <> ''
    `,
  ],
])

/** Null when it is gone, or has no address any more. */
export async function findTarget(sql: Sql, subscriber: string): Promise<Target | null> {
  const [kind = '', id = '', which = ''] = subscriber.split(':')
  const query = queries.get(kind)
  return query === undefined
    ? null
    : queryOne<Target>(sql, query, kind === 'automation_rule' ? [Number(id), which] : [Number(id)])
}
