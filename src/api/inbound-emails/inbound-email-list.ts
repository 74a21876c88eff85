// The log of accepted mail: filters, pages by number or by cursor, and how many mails wait for a person.

import { z } from 'zod'

import { type InboundEmailFilter, type InboundStatus, inboundStatuses } from '../../contracts/inbound-email.ts'
import { unprocessable } from '../input/fault.ts'
import { filledText, idOf, list as listOfText, recordId } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { inboundEmailShape, presentInboundEmail } from '../present/inbound-email.ts'
import type { InboundEmails } from '../present/inbound-email-access.ts'
import { listOf, maybeText } from '../present/kinds.ts'
import { timeOf } from '../reports/time-of.ts'
import type { Given } from '../request/route.ts'
import type { Scoped } from './scoped-routes.ts'

const pageSize = 25

export const listFields = {
  status: listOfText,
  reason: filledText,
  ingress: filledText,
  sender: filledText,
  subject: filledText,
  message_id: filledText,
  since: filledText,
  until: filledText,
  q: filledText,
  page: recordId,
  cursor: filledText,
}
export const listShape = z.object({
  meta: z.object({
    count: z.int(),
    count_is_exact: z.boolean(),
    current_page: z.int(),
    next_cursor: maybeText,
  }),
  payload: listOf(inboundEmailShape),
})
export const needingShape = z.object({ meta: z.object({ held_count: z.int(), failed_count: z.int() }) })

type Asked = Scoped & { readonly given: Given<typeof listFields> }

export async function list(
  inboundEmails: InboundEmails,
  { scope, given, fields }: Asked,
): Promise<z.output<typeof listShape>> {
  const page = pageOf(fields, pageSize)
  const before = cursorOf(given.cursor)
  const filter = { ...filterOf(given), before, offset: before === null ? page.offset : 0, limit: page.limit }
  const { count, isExact, rows } = await inboundEmails.list(scope, filter)
  const last = rows.length < page.limit ? undefined : rows.at(-1)
  return {
    meta: {
      count,
      count_is_exact: isExact,
      current_page: page.number,
      next_cursor: last === undefined ? null : String(last.id),
    },
    payload: rows.map(presentInboundEmail),
  }
}

export async function countNeeding(
  inboundEmails: InboundEmails,
  { scope }: Scoped,
): Promise<z.output<typeof needingShape>> {
  const { held, failed } = await inboundEmails.countNeeding(scope)
  return { meta: { held_count: held, failed_count: failed } }
}

function filterOf(given: Given<typeof listFields>): Omit<InboundEmailFilter, 'before' | 'offset' | 'limit'> {
  return {
    statuses: statusesOf(given.status ?? []),
    reason: words(given.reason),
    ingress: words(given.ingress),
    sender: words(given.sender),
    subject: words(given.subject),
    messageId: words(given.message_id?.trim().replace(/^<|>$/g, '')),
    since: timeOf('since', given.since),
    until: timeOf('until', given.until),
    query: words(given.q),
  }
}

const words = (given: string | undefined): string | null => given?.trim() ?? null

// As a list, or with commas between.
function statusesOf(given: readonly string[]): InboundStatus[] {
  const names = given.flatMap((name) => name.split(',')).map((name) => name.trim())
  if (names.includes('all')) return []
  return names.map((name) => {
    const status = inboundStatuses.find((known) => known === name)
    if (status === undefined) throw unprocessable(`status must be one of: ${inboundStatuses.join(' ')}`)
    return status
  })
}

function cursorOf(given: string | undefined): number | null {
  if (given === undefined || given === 'start') return null
  const id = idOf(given)
  if (id === 0) throw unprocessable('cursor is not valid. Begin again with cursor=start.')
  return id
}
