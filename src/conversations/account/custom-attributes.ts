// An account's custom attributes: kind, choices and pattern. Keys are unique per model and differ from the standard
// attributes, which filters would otherwise confuse.

import type { Db } from '../../db/client.ts'
import type { Saved } from '../records/problem.ts'
import { defined, findProblems, isBlank, isLine, type Rule, saveRecord } from '../records/save.ts'

export const attributeModels = ['conversation_attribute', 'contact_attribute'] as const
export type AttributeModel = (typeof attributeModels)[number]
export const attributeTypes = ['text', 'number', 'currency', 'percent', 'link', 'date', 'list', 'checkbox'] as const
export type AttributeType = (typeof attributeTypes)[number]

export interface CustomAttributeRow {
  readonly id: number
  readonly accountId: number
  readonly attributeModel: string
  readonly attributeKey: string
  readonly attributeDisplayName: string
  readonly attributeDisplayType: string
  readonly attributeDescription: string | null
  readonly attributeValues: readonly string[]
  readonly defaultValue: string | null
  readonly regexPattern: string | null
  readonly regexCue: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface CustomAttributeFields {
  readonly attributeModel?: AttributeModel | undefined
  readonly attributeKey?: string | null | undefined
  readonly attributeDisplayName?: string | null | undefined
  readonly attributeDisplayType?: AttributeType | undefined
  readonly attributeDescription?: string | null | undefined
  readonly attributeValues?: readonly string[] | undefined
  readonly defaultValue?: string | null | undefined
  readonly regexPattern?: string | null | undefined
  readonly regexCue?: string | null | undefined
}

const shared = ['created_at', 'last_activity_at', 'referer', 'country_code', 'labels']
const standard: Readonly<Record<AttributeModel, readonly string[]>> = {
  conversation_attribute: [
    ...shared,
    'status',
    'priority',
    'assignee_id',
    'inbox_id',
    'team_id',
    'display_id',
    'campaign_id',
    'browser_language',
    'conversation_language',
    'mail_subject',
  ],
  contact_attribute: [
    ...shared,
    'name',
    'email',
    'phone_number',
    'identifier',
    'city',
    'company',
    'company_name',
    'blocked',
  ],
}

type Whole = CustomAttributeFields & { readonly attributeModel: AttributeModel }

const rules: readonly Rule<Whole>[] = [
  ['attribute_display_name', "can't be blank", ({ attributeDisplayName }) => isBlank(attributeDisplayName)],
  ['attribute_display_name', 'is invalid', ({ attributeDisplayName }) => !isLine(attributeDisplayName)],
  ['attribute_key', "can't be blank", ({ attributeKey }) => isBlank(attributeKey)],
  [
    'attribute_key',
    'is invalid',
    ({ attributeKey }) => attributeKey !== undefined && !/^[\p{L}\p{N}_.-]{1,255}$/u.test(attributeKey ?? ''),
  ],
  [
    'attribute_key',
    'The provided key is not allowed as it might conflict with default attributes.',
    ({ attributeKey, attributeModel }) => standard[attributeModel].includes(attributeKey ?? ''),
  ],
  ['attribute_values', 'are too many', ({ attributeValues }) => (attributeValues ?? []).length > 1_000],
  ['regex_pattern', 'is invalid', ({ regexPattern }) => !isPattern(regexPattern)],
  ['regex_cue', 'is invalid', ({ regexCue }) => !isLine(regexCue)],
]

export function createCustomAttributes(db: Db) {
  return {
    /** Of one model, or all. */
    listCustomAttributes: (accountId: number, model: AttributeModel | null): Promise<CustomAttributeRow[]> =>
      db.customAttributeDefinition.findMany({
        where: { accountId, ...(model === null ? {} : { attributeModel: model }) },
        orderBy: { id: 'asc' },
      }),

    findCustomAttribute: (accountId: number, id: number): Promise<CustomAttributeRow | null> =>
      db.customAttributeDefinition.findFirst({ where: { accountId, id } }),

    async createCustomAttribute(accountId: number, given: CustomAttributeFields): Promise<Saved<CustomAttributeRow>> {
      const {
        attributeModel = 'conversation_attribute',
        attributeKey,
        attributeDisplayName,
        attributeValues = [],
        ...rest
      } = given
      const fields = {
        ...defined(rest),
        attributeModel,
        attributeKey: attributeKey?.trim() ?? '',
        attributeDisplayName: attributeDisplayName?.trim() ?? '',
        attributeValues: [...attributeValues],
      }
      return saveRecord({ problems: findProblems(rules, fields), unique: 'attribute_key' }, () =>
        db.customAttributeDefinition.create({ data: { accountId, ...fields } }),
      )
    },

    /** Key and model stay what they are: conversations and contacts carry values under them. */
    async updateCustomAttribute(
      row: CustomAttributeRow,
      given: CustomAttributeFields,
    ): Promise<Saved<CustomAttributeRow>> {
      const {
        attributeDisplayName,
        attributeValues,
        attributeDisplayType,
        attributeDescription,
        defaultValue,
        regexPattern,
        regexCue,
      } = given
      const changes = {
        attributeDisplayName: attributeDisplayName ?? undefined,
        attributeDisplayType,
        attributeDescription,
        defaultValue,
        regexPattern,
        regexCue,
      }
      const data = {
        ...defined(changes),
        ...(attributeValues === undefined ? {} : { attributeValues: [...attributeValues] }),
      }
      const problems = findProblems(rules, {
        ...changes,
        attributeDisplayName,
        attributeValues,
        attributeModel: 'conversation_attribute',
      })
      return saveRecord({ problems, unique: 'attribute_key' }, () =>
        db.customAttributeDefinition.update({ where: { id: row.id }, data }),
      )
    },

    async deleteCustomAttribute(row: CustomAttributeRow): Promise<void> {
      await db.customAttributeDefinition.deleteMany({ where: { id: row.id } })
    },
  }
}

// Only kept: clients run it, we never do.
function isPattern(pattern: string | null | undefined): boolean {
  if (pattern === null || pattern === undefined) return true
  try {
    return new RegExp(pattern.replace(/^\/(.*)\/[a-z]*$/s, '$1')).source.length <= 1_000
  } catch {
    return false
  }
}
