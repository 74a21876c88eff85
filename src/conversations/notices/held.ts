// An agent's answer that is held: the agent whose address it came from is mailed why, so that they do not believe
// that the customer has it. The address may be forged: delivery/tell-held mails confirmed agents only, once an hour,
// and repeats nothing but the subject.

import type { NewWork } from '../../queue/work.ts'
import type { AppendRequest } from '../records/append-request.ts'

const reasons: readonly string[] = ['agent-with-customer-token', 'agent-not-verified', 'agent-mail-degraded']

/** The notices of the held answers among these mails; automatic mail is no answer. Never throws. */
export function heldNoticesOf(requests: readonly AppendRequest[]): NewWork[] {
  return requests.flatMap(({ inboundEmailId, decision, mail }) =>
    decision.act === 'hold' && reasons.includes(decision.reason ?? '') && mail.automation === 'person'
      ? [
          {
            kind: 'tell-held',
            key: null,
            payload: { inboundEmailId, conversationId: decision.candidates?.[0] ?? null },
          } as const,
        ]
      : [],
  )
}
