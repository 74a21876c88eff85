// Signs webhooks as Chatwoot does: hex HMAC-SHA256 of "<timestamp>.<body>" under the webhook's own secret; the
// timestamp is that of the attempt.

import { createHmac } from 'node:crypto'

export interface Signing {
  /** Null: it is not signed. */
  readonly secret: string | null
  readonly body: string
  /** Of the delivery: the same on every attempt. */
  readonly deliveryId: string
  /** Unix seconds. */
  readonly timestamp: number
}

/** The headers of one attempt. */
export function signedHeaders({ secret, body, deliveryId, timestamp }: Signing): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'X-Chatwoot-Delivery': deliveryId,
    'X-Chatwoot-Timestamp': String(timestamp),
    ...(secret === null
      ? {}
      : {
          'X-Chatwoot-Signature': `sha256=${createHmac('sha256', secret)
            .update(`${String(timestamp)}.${body}`)
            .digest('hex')}`,
        }),
  }
}
