// …/transports: the names that `transport` of the account and of its inboxes may have. For administrators; URLs and
// keys are the operator's.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { listOf, text } from '../present/kinds.ts'
import { forAdministrator, type Route } from '../request/route.ts'

const shape = z.object({ name: text, is_default: z.boolean() })

export function transportRoutes({ transports }: Pick<Ledger, 'transports'>): Route[] {
  return [
    forAdministrator(
      'GET /transports',
      {
        tag: 'Account',
        summary: 'List the transports of the installation by name, the default first',
        answer: z.object({ payload: listOf(shape) }),
      },
      () => ({ payload: transports.map((name, position) => ({ name, is_default: position === 0 })) }),
    ),
  ]
}
