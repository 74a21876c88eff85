// How MAX_BYTES_IN_FLIGHT is shared: mail may use all of it, clients of the API five eighths, and strangers among them
// half of the total, so that no client can exhaust the memory of others. One client has a share of each part: a
// stranger a quarter, a trusted relay three quarters. Each part and share has room for one body of the largest size.

import type { Budgets } from '../api/request/body-budget.ts'
import type { Config } from '../config.ts'
import { type ByteBudget, createByteBudget } from '../ingress/reading/budget.ts'

export function createBudgets({ MAX_BYTES_IN_FLIGHT: all, MAX_MESSAGE_BYTES: largest }: Config): {
  readonly mail: ByteBudget
  readonly api: Budgets
} {
  const partOf = (part: number): number => Math.max(all * part, largest)
  const shares = { strangerBytes: partOf(1 / 4), trustedBytes: partOf(3 / 4) }
  const mail = createByteBudget(all, null, shares)
  const callers = createByteBudget(partOf(5 / 8), mail, { ...shares, strangerBytes: partOf(3 / 8) })
  return { mail, api: { callers, strangers: createByteBudget(partOf(1 / 2), callers, shares) } }
}
