// May this account take mail at all? The same flag decides whether outgoing mail carries a reply address.

import type { HeldReason } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import type { AccountFacts } from './lookup.ts'

export interface GateAnswer {
  readonly hold: Extract<HeldReason, 'feature-off' | 'account-suspended'> | null
  readonly entry: TraceEntry
}

/** Never throws. */
export function askGate(account: AccountFacts): GateAnswer {
  const name = `account ${String(account.id)}`
  if (!account.active)
    return {
      hold: 'account-suspended',
      entry: {
        step: 'gate',
        outcome: 'account-suspended',
        detail: `${name} is suspended; its mail is released automatically when it is active again`,
      },
    }
  if (!account.inboundEmails)
    return {
      hold: 'feature-off',
      entry: {
        step: 'gate',
        outcome: 'feature-off',
        detail: `${name} does not have the feature inbound_emails; this mail is released automatically when it does`,
      },
    }
  return { hold: null, entry: { step: 'gate', outcome: 'open', detail: `${name} has the feature inbound_emails` } }
}
