// …/blocked_senders: the senders that an account ignores. Members block a sender with …/inbound_emails/:id/block; every
// member sees the list, and administrators remove entries.

import { z } from 'zod'

import { found } from '../input/fault.ts'
import { idOf } from '../input/fields.ts'
import type { InboundEmails } from '../present/inbound-email-access.ts'
import { epoch, id, payloadOf, text } from '../present/kinds.ts'
import { epochSeconds } from '../present/time.ts'
import { forAdministrator, forMember, type Route } from '../request/route.ts'

const tag = 'Inbound emails'
const shape = z.object({ id, address: text, created_at: epoch, created_by_id: id.nullable() })

export function blockedSenderRoutes(inboundEmails: Pick<InboundEmails, 'listBlocked' | 'deleteBlocked'>): Route[] {
  return [
    forMember(
      'GET /blocked_senders',
      { tag, summary: 'List the senders whose mail is ignored, newest first, at most 1,000', answer: payloadOf(shape) },
      async ({ member }) => ({
        payload: (await inboundEmails.listBlocked(member.account.id)).map((blocked) => ({
          id: blocked.id,
          address: blocked.address,
          created_at: epochSeconds(blocked.createdAt),
          created_by_id: blocked.createdById,
        })),
      }),
    ),
    forAdministrator(
      'DELETE /blocked_senders/:id',
      { tag, summary: 'Unblock a sender; mail that was ignored stays ignored' },
      async ({ member, params }) => {
        if (!(await inboundEmails.deleteBlocked(member.account.id, idOf(params['id'])))) found(null)
        return undefined
      },
    ),
  ]
}
