// …/custom_attribute_definitions: every member reads (`attribute_model` by name or number), administrators write.

import type { z } from 'zod'

import {
  attributeModels,
  attributeTypes,
  type CustomAttributeFields,
} from '../../conversations/account/custom-attributes.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { filledText, idOf, list, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import { customAttributeShape, presentCustomAttribute } from '../present/records.ts'
import { forAdministrator, forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

const fields = {
  attribute_display_name: text,
  attribute_display_type: filledText,
  attribute_description: text,
  attribute_key: text,
  attribute_values: list,
  attribute_model: filledText,
  regex_pattern: text,
  regex_cue: text,
  default_value: text,
}
const spec = { tag: 'Custom attributes' } as const
const write = { ...spec, takes: fields, under: 'custom_attribute_definition', answer: customAttributeShape } as const
const path = '/custom_attribute_definitions'

export function customAttributeRoutes({ customAttributes }: Pick<Ledger, 'customAttributes'>): Route[] {
  const find = async ({ member, params }: MemberRequest) =>
    found(await customAttributes.findCustomAttribute(member.account.id, idOf(params['id'])))
  return [
    forMember(
      `GET ${path}`,
      {
        ...spec,
        summary: 'List definitions of custom attributes',
        takes: { attribute_model: filledText },
        answer: listOf(customAttributeShape),
      },
      async ({ member, given }) =>
        (
          await customAttributes.listCustomAttributes(
            member.account.id,
            oneOf(attributeModels, given.attribute_model, 'attribute_model') ?? null,
          )
        ).map(presentCustomAttribute),
    ),
    forMember(
      `GET ${path}/:id`,
      { ...spec, summary: 'Get a definition', answer: customAttributeShape },
      async (request) => presentCustomAttribute(await find(request)),
    ),
    forAdministrator(`POST ${path}`, { ...write, summary: 'Define a custom attribute' }, async ({ member, given }) =>
      present(await customAttributes.createCustomAttribute(member.account.id, fieldsOf(given))),
    ),
    forAdministrator(
      `UPDATE ${path}/:id`,
      { ...write, summary: 'Update a definition; key and model stay' },
      async (request) =>
        present(await customAttributes.updateCustomAttribute(await find(request), fieldsOf(request.given))),
    ),
    forAdministrator(
      `DELETE ${path}/:id`,
      { ...spec, summary: 'Delete a definition; values stay' },
      async (request) => {
        await customAttributes.deleteCustomAttribute(await find(request))
        return undefined
      },
    ),
  ]
}

function present(
  result: Parameters<typeof saved<Parameters<typeof presentCustomAttribute>[0]>>[0],
): z.output<typeof customAttributeShape> {
  return presentCustomAttribute(saved(result))
}

function fieldsOf(given: Given<typeof fields>): CustomAttributeFields {
  return {
    attributeDisplayName: given.attribute_display_name,
    attributeDisplayType: oneOf(attributeTypes, given.attribute_display_type, 'attribute_display_type'),
    attributeDescription: given.attribute_description,
    attributeKey: given.attribute_key,
    attributeValues: given.attribute_values,
    attributeModel: oneOf(attributeModels, given.attribute_model, 'attribute_model'),
    regexPattern: given.regex_pattern,
    regexCue: given.regex_cue,
    defaultValue: given.default_value,
  }
}

// By name, or by number as in Chatwoot's own column.
function oneOf<Name extends string>(
  names: readonly Name[],
  given: string | undefined,
  field: string,
): Name | undefined {
  if (given === undefined) return undefined
  const known = names.find((name, number) => name === given || String(number) === given)
  if (known === undefined) throw unprocessable(`'${given}' is not a valid ${field}`)
  return known
}
