// How the bytes that may be in memory at once (MAX_BYTES_IN_FLIGHT) are shared: mail may have all of them, clients of the API half, and of that
// strangers a half again, so that nobody can take what others need. Each part has room for one body of the largest size.

import type { Budgets } from '../api/request/charge.ts'
import type { Config } from '../config.ts'
import { createByteBudget, type ByteBudget } from '../ingress/reading/budget.ts'

export function createBudgets({ MAX_BYTES_IN_FLIGHT: all, MAX_MESSAGE_BYTES: largest }: Config): { readonly mail: ByteBudget; readonly api: Budgets } {
  const mail = createByteBudget(all)
  const callers = createByteBudget(Math.max(all / 2, largest), mail)
  return { mail, api: { callers, strangers: createByteBudget(Math.max(all / 4, largest), callers) } }
}
