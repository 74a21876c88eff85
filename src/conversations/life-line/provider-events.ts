// Events of providers on the messages whose mail they are about. They came in an authenticated request, so a hard
// bounce or complaint suppresses its address (docs/adr/0048). The key of the mail proves that it is ours.

import { timingSafeEqual } from 'node:crypto'

import type { DeliveryUpdate } from '../../contracts/delivery.ts'
import type { MailEvent, RecordMailEvents } from '../../contracts/mail-event.ts'
import { toText } from '../../db/json.ts'
import type { Pool } from '../../db/pool.ts'
import { oneLine } from '../../mail/compose.ts'
import { recordDelivery } from './record-delivery.ts'

interface Deps {
  readonly pool: Pool
  readonly markMessage: (messageId: number) => string
  /** Called for each event about mail that is not ours. */
  readonly onUnknown: (service: string) => void
}

// A continued chat has one mail for several messages; each has the mail's Message-ID.
const carriedSql = `
  select other.id
  from messages m
    join messages other
      on other.conversation_id = m.conversation_id
      and other.content_attributes #>> '{delivery,message_id}' = m.content_attributes #>> '{delivery,message_id}'
  where m.id = $1
    and m.content_attributes #> '{delivery,message_id}' is not null
  order by other.id
  limit 100`

/** The writer of events. An event that comes twice, or late, changes nothing. */
export function createEventRecorder({ pool, markMessage, onUnknown }: Deps): RecordMailEvents {
  return async (service, events) => {
    let unknown = 0
    for (const event of events) {
      const messageId = readKey(event.key, markMessage)
      const recorded = messageId === null ? [] : await record(pool, messageId, updateOf(service, event))
      if (recorded.length > 0) continue
      unknown++
      onUnknown(service)
    }
    return unknown
  }
}

async function record(pool: Pool, messageId: number, update: DeliveryUpdate) {
  const { rows } = await pool.query<{ id: number }>(carriedSql, [messageId])
  return recordDelivery(pool, [...new Set([messageId, ...rows.map(({ id }) => id)])], update)
}

// Null: another installation at the same provider account, or made up.
function readKey(key: string | null, markMessage: Deps['markMessage']): number | null {
  const [, id = '', mark = ''] = /^([1-9]\d{0,9})-([0-9a-f]{32})$/.exec(key ?? '') ?? []
  const messageId = Number(id)
  if (mark === '' || messageId >= 2 ** 31) return null
  return timingSafeEqual(Buffer.from(mark), Buffer.from(markMessage(messageId))) ? messageId : null
}

const sentences: Readonly<Partial<Record<MailEvent['state'], string>>> = {
  bounced: 'Not delivered',
  complained: 'The recipient reported the mail as spam',
}

function updateOf(service: string, event: MailEvent): DeliveryUpdate {
  const [email, detail] = [event.email.slice(0, 320), toText(oneLine(event.detail).slice(0, 300))]
  const status = /^[245]\.\d{1,3}\.\d{1,3}$/.test(event.status) ? event.status : ''
  const sentence = sentences[event.state]
  const words = [status, detail].filter((part) => part !== '').join(' ')
  return {
    state: event.state,
    recipients: [{ email: email === '' ? null : email, status, detail }],
    fields: { reported_at: new Date().toISOString(), reported_by: service },
    entry: { reported_by: service, ...(detail === '' ? {} : { response: detail }) },
    ...(sentence === undefined ? {} : { error: `${sentence}: ${email}${words === '' ? '' : `: ${words}`}` }),
    origin: 'server',
  }
}
