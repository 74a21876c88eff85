// …/suppressed_addresses: the addresses that an account does not mail, because mail to them bounced, was complained
// about, or one of its people said so. Agents read the list; administrators change it.

import { z } from 'zod'

import type { ListedAddress, SuppressedAddress } from '../../conversations/life-line/suppressed-addresses.ts'
import type { Ledger } from '../../ledger.ts'
import { found } from '../input/fault.ts'
import { filledText, idOf, recordId, text as givenText } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { epoch, id, listOf, named, text } from '../present/kinds.ts'
import { epochSeconds } from '../present/time.ts'
import { forAdministrator, forMember, type Route } from '../request/route.ts'

const spec = { tag: 'Suppressed addresses' } as const
const path = '/suppressed_addresses'
const perPage = 25
const shape = z.object({
  id,
  email: text,
  reason: z.enum(['bounce', 'complaint', 'manual']),
  detail: text,
  message_id: id.nullable(),
  created_by_id: id.nullable(),
  created_at: epoch,
})
const listedShape = named(
  'SuppressedAddress',
  shape.extend({
    /** Of the message; null when it is gone. */
    conversation_id: id.nullable(),
    /** The inbound email of the bounce or complaint. */
    report_id: id.nullable(),
  }),
)

export function suppressedAddressRoutes({ suppressedAddresses }: Pick<Ledger, 'suppressedAddresses'>): Route[] {
  return [
    forMember(
      `GET ${path}`,
      {
        ...spec,
        summary: 'List the addresses that the account does not mail, newest first, 25 a page',
        takes: { q: filledText, page: recordId },
        answer: z.object({
          meta: z.object({ count: z.int(), current_page: z.int() }),
          payload: listOf(listedShape),
        }),
      },
      async ({ member, given, fields }) => {
        const page = pageOf(fields, perPage)
        const { count, rows } = await suppressedAddresses.listSuppressed(member.account.id, {
          search: given.q ?? null,
          ...page,
        })
        return { meta: { count, current_page: page.number }, payload: rows.map(presentListed) }
      },
    ),
    forAdministrator(
      `POST ${path}`,
      {
        ...spec,
        summary: 'Add an address; one that is on the list stays as it is',
        takes: { email: filledText, reason: givenText },
        answer: shape,
      },
      async ({ member, given }) =>
        present(
          await suppressedAddresses.addSuppressed(member.account.id, {
            email: given.email ?? '',
            note: given.reason ?? null,
            userId: member.user.id,
          }),
        ),
    ),
    forAdministrator(
      `DELETE ${path}/:id`,
      { ...spec, summary: 'Remove an address: mail to it leaves again' },
      async ({ member, params }) => {
        found((await suppressedAddresses.removeSuppressed(member.account.id, idOf(params['id']))) ? true : null)
        return undefined
      },
    ),
  ]
}

function present(row: SuppressedAddress): z.output<typeof shape> {
  return {
    id: row.id,
    email: row.address,
    reason: row.reason === 'bounce' || row.reason === 'complaint' ? row.reason : 'manual',
    detail: row.detail,
    message_id: row.messageId,
    created_by_id: row.createdById,
    created_at: epochSeconds(row.createdAt),
  }
}

function presentListed(row: ListedAddress): z.output<typeof listedShape> {
  return { ...present(row), conversation_id: row.cause?.displayId ?? null, report_id: row.cause?.reportId ?? null }
}
