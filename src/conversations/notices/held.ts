// If an agent's answer is held, the agent is mailed the reason, so that they do not believe that the customer has it.
// The sender may be forged: delivery/notify-held mails confirmed agents only, once an hour, and repeats nothing but the
// subject.

import type { NewWork } from '../../queue/work.ts'
import type { AppendRequest } from '../records/append-request.ts'

const reasons: readonly string[] = ['agent-with-customer-token', 'agent-not-verified', 'agent-mail-degraded']

/** The notices of the held answers among these mails; automatic mail is not an answer. Never throws. */
export function heldNoticesOf(requests: readonly AppendRequest[]): NewWork[] {
  return requests.flatMap(({ inboundEmailId, decision, mail }) =>
    decision.action === 'hold' && reasons.includes(decision.reason) && mail.automation === 'person'
      ? [
          {
            kind: 'notify-held',
            key: null,
            payload: { inboundEmailId, conversationId: decision.candidates[0] ?? null },
          } as const,
        ]
      : [],
  )
}
