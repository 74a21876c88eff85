// …/canned_responses, `?search=` in code and text. Agents write them too, as in Chatwoot.

import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { filledText, idOf, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import { cannedResponseShape, presentCannedResponse } from '../present/records.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'

const fields = { short_code: text, content: text }
const spec = { tag: 'Canned responses' } as const
const write = { ...spec, takes: fields, under: 'canned_response', answer: cannedResponseShape } as const
const path = '/canned_responses'

export function cannedResponseRoutes({ cannedResponses }: Pick<Ledger, 'cannedResponses'>): Route[] {
  const find = async ({ member, params }: MemberRequest) =>
    found(await cannedResponses.findCannedResponse(member.account.id, idOf(params['id'])))
  return [
    forMember(
      `GET ${path}`,
      {
        ...spec,
        summary: 'List canned responses, all or those that contain a text',
        takes: { search: filledText },
        answer: listOf(cannedResponseShape),
      },
      async ({ member, given }) =>
        (await cannedResponses.listCannedResponses(member.account.id, given.search ?? null)).map(presentCannedResponse),
    ),
    forMember(`POST ${path}`, { ...write, summary: 'Create a canned response' }, async ({ member, given }) =>
      presentCannedResponse(
        saved(
          await cannedResponses.createCannedResponse(member.account.id, {
            shortCode: given.short_code,
            content: given.content,
          }),
        ),
      ),
    ),
    forMember(`UPDATE ${path}/:id`, { ...write, summary: 'Update a canned response' }, async (request) => {
      const { short_code: shortCode, content } = request.given
      return presentCannedResponse(
        saved(await cannedResponses.updateCannedResponse(await find(request), { shortCode, content })),
      )
    }),
    forMember(`DELETE ${path}/:id`, { ...spec, summary: 'Delete a canned response' }, async (request) => {
      await cannedResponses.deleteCannedResponse(await find(request))
      return undefined
    }),
  ]
}
