// If an agent's answer is held, the agent is mailed the reason, so that they do not believe that the customer has it.
// The sender may be forged: delivery/notify-held mails confirmed agents only, once an hour, and repeats nothing but the
// subject. If the commands of a verified agent are not understood, delivery/notify-commands returns their words.

import type { NewWork } from '../../queue/work.ts'
import type { AppendRequest } from '../records/append-request.ts'

const reasons: readonly string[] = ['agent-with-customer-token', 'agent-not-verified', 'agent-mail-degraded']

/** Longer words are in the agent's own sent mail. */
const maxWords = 20_000

/** The notices of the held answers among these mails; automatic mail is not an answer. Never throws. */
export function heldNoticesOf(requests: readonly AppendRequest[]): NewWork[] {
  return requests.flatMap(({ inboundEmailId, decision, mail }): NewWork[] => {
    if (decision.action !== 'hold' || mail.automation !== 'person') return []
    const { commands, candidates, reason } = decision
    if (commands !== undefined) {
      const words = commands.words.slice(0, maxWords).toWellFormed()
      return [{ kind: 'notify-commands', key: null, payload: { ...commands, inboundEmailId, words } }]
    }
    if (!reasons.includes(reason)) return []
    const payload = { inboundEmailId, conversationId: candidates[0] ?? null }
    return [{ kind: 'notify-held', key: null, payload }]
  })
}
