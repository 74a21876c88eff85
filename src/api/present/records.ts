// Presenters of an account's short lists: labels, canned responses, definitions of custom attributes, saved filters.

import { z } from 'zod'

import type { CannedResponseRow } from '../../conversations/account/canned-responses.ts'
import {
  attributeModels,
  attributeTypes,
  type CustomAttributeRow,
} from '../../conversations/account/custom-attributes.ts'
import type { CustomFilterRow } from '../../conversations/account/custom-filters.ts'
import { filterTypes } from '../../conversations/account/insert-filter.ts'
import type { LabelRow } from '../../conversations/records/rows.ts'
import { id, isoTime, json, listOf, maybeText, named, text } from './kinds.ts'

export const labelShape = named(
  'Label',
  z.object({ id, title: text, description: maybeText, color: text, show_on_sidebar: z.boolean() }),
)

export function presentLabel(label: LabelRow): z.output<typeof labelShape> {
  return {
    id: label.id,
    title: label.title,
    description: label.description,
    color: label.color,
    show_on_sidebar: label.showOnSidebar,
  }
}

export const cannedResponseShape = named(
  'CannedResponse',
  z.object({ id, account_id: id, short_code: text, content: text, created_at: isoTime, updated_at: isoTime }),
)

export function presentCannedResponse(row: CannedResponseRow): z.output<typeof cannedResponseShape> {
  return {
    id: row.id,
    account_id: row.accountId,
    short_code: row.shortCode,
    content: row.content,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  }
}

export const customAttributeShape = named(
  'CustomAttributeDefinition',
  z.object({
    id,
    attribute_display_name: text,
    attribute_display_type: z.enum(attributeTypes),
    attribute_description: maybeText,
    attribute_key: text,
    regex_pattern: maybeText,
    regex_cue: maybeText,
    attribute_values: listOf(text),
    attribute_model: z.enum(attributeModels),
    default_value: maybeText,
    created_at: isoTime,
    updated_at: isoTime,
  }),
)

export function presentCustomAttribute(row: CustomAttributeRow): z.output<typeof customAttributeShape> {
  return {
    id: row.id,
    attribute_display_name: row.attributeDisplayName,
    attribute_display_type: attributeTypes.find((type) => type === row.attributeDisplayType) ?? 'text',
    attribute_description: row.attributeDescription,
    attribute_key: row.attributeKey,
    regex_pattern: row.regexPattern,
    regex_cue: row.regexCue,
    attribute_values: row.attributeValues,
    attribute_model: attributeModels.find((model) => model === row.attributeModel) ?? 'conversation_attribute',
    default_value: row.defaultValue,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  }
}

export const customFilterShape = named(
  'CustomFilter',
  z.object({ id, name: text, filter_type: z.enum(filterTypes), query: json, created_at: isoTime, updated_at: isoTime }),
)

export function presentCustomFilter(row: CustomFilterRow): z.output<typeof customFilterShape> {
  return {
    id: row.id,
    name: row.name,
    filter_type: filterTypes.find((type) => type === row.filterType) ?? 'conversation',
    query: row.query,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  }
}
