// …/custom_filters: filters that the caller keeps for themselves, by `filter_type`. Another person's are not found.

import {
  type CustomFilterFields,
  type FilterOwner,
  type FilterType,
  filterTypes,
} from '../../conversations/account/insert-filter.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { filledText, idOf, object, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import { customFilterShape, presentCustomFilter } from '../present/records.ts'
import { forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

const fields = { name: text, filter_type: filledText, query: object }
const spec = { tag: 'Saved filters' } as const
const write = { ...spec, takes: fields, under: 'custom_filter', answer: customFilterShape } as const
const path = '/custom_filters'

export function customFilterRoutes({ customFilters }: Pick<Ledger, 'customFilters'>): Route[] {
  const find = async (request: MemberRequest) =>
    found(await customFilters.findFilter(ownerOf(request), idOf(request.params['id'])))
  return [
    forMember(
      `GET ${path}`,
      {
        ...spec,
        summary: "List the user's saved filters of a type",
        takes: { filter_type: filledText },
        answer: listOf(customFilterShape),
      },
      async (request) =>
        (await customFilters.listFilters(ownerOf(request), typeOf(request.given.filter_type) ?? 'conversation')).map(
          presentCustomFilter,
        ),
    ),
    forMember(
      `GET ${path}/:id`,
      { ...spec, summary: 'Get a saved filter', answer: customFilterShape },
      async (request) => presentCustomFilter(await find(request)),
    ),
    forMember(`POST ${path}`, { ...write, summary: 'Save a filter' }, async (request) =>
      presentCustomFilter(saved(await customFilters.createFilter(ownerOf(request), fieldsOf(request.given)))),
    ),
    forMember(`UPDATE ${path}/:id`, { ...write, summary: 'Update a saved filter' }, async (request) =>
      presentCustomFilter(saved(await customFilters.updateFilter(await find(request), fieldsOf(request.given)))),
    ),
    forMember(`DELETE ${path}/:id`, { ...spec, summary: 'Delete a saved filter' }, async (request) => {
      await customFilters.deleteFilter(await find(request))
      return undefined
    }),
  ]
}

function ownerOf({ member }: MemberRequest): FilterOwner {
  return { accountId: member.account.id, userId: member.user.id }
}

function fieldsOf(given: Given<typeof fields>): CustomFilterFields {
  return { name: given.name, filterType: typeOf(given.filter_type), query: given.query }
}

function typeOf(given: string | undefined): FilterType | undefined {
  if (given === undefined) return undefined
  const type = filterTypes.find((name, number) => name === given || String(number) === given)
  if (type === undefined) throw unprocessable(`'${given}' is not a valid filter_type`)
  return type
}
