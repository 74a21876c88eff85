// What put an address on the list: the message, and the report about it, which is an accepted mail.

import { addressKey } from '../../mail/address.ts'
import type { Json } from '../records/rows.ts'
import { deliveryOf } from './record-delivery.ts'

export interface CausingMessage {
  /** Of its conversation. */
  readonly displayId: number
  /** The inbound email of the report; null: it was no mail, or an earlier version noted it. */
  readonly reportId: number | null
}

/** The last report of a bounce or complaint about the address in the life line of a message. Never throws. */
export function reportAbout(attributes: Json, address: string): number | null {
  const { history = [] } = deliveryOf(attributes)
  const report = (Array.isArray(history) ? (history as readonly Json[]) : []).findLast(
    (entry) => (entry['state'] === 'bounced' || entry['state'] === 'complained') && isAbout(entry, address),
  )
  const id = report?.['inbound_email_id']
  return typeof id === 'number' ? id : null
}

// An entry without recipients is about all of the mail.
function isAbout({ recipients }: Json, address: string): boolean {
  return !Array.isArray(recipients) || recipients.some((one) => typeof one === 'string' && addressKey(one) === address)
}
