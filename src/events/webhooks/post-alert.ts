// Posts an alarm of the installation to ALERT_WEBHOOK_URL: no account has it, so it is neither an event of one nor
// among the deliveries of its webhooks. It is signed as they are, and has the same id and body at each attempt; the
// attempts are those of the work table (docs/adr/0054).

import type { CanaryAlert } from '../../contracts/canary.ts'
import { MailError } from '../../errors.ts'
import { type PostOnce, postOnce } from './post-once.ts'
import type { Target } from './target.ts'

export interface AlertReceiver extends PostOnce {
  readonly target: Target
  readonly publicUrl: string
}

/** Throws `MailError`, of a retrying kind, unless the answer is a 2xx. */
export async function postAlert(receiver: AlertReceiver, alert: CanaryAlert): Promise<void> {
  const { error, retryAfter } = await postOnce(receiver, {
    body: JSON.stringify(presentAlert(alert, receiver.publicUrl)),
    deliveryId: alert.id,
    target: receiver.target,
  })
  if (error !== null)
    throw new MailError('unavailable', `ALERT_WEBHOOK_URL: ${error}`, { retryAfterSeconds: retryAfter })
}

/** The payload, documented in docs/operate/monitoring.md. Never throws. */
function presentAlert({ id, event, at, ...about }: CanaryAlert, installation: string): object {
  const { transport, outcome, server, ingress, seconds, says } = about
  return { event, id, occurred_at: at, installation, transport, outcome, server, ingress, seconds, message: says }
}
