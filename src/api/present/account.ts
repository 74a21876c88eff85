// An account, in Chatwoot's shape

import { z } from 'zod'

import type { AccountRow } from '../../conversations/records/rows.ts'
import { id, isoTime, json, maybeText, named, text } from './kinds.ts'

export const accountShape = named(
  'Account',
  z.object({
    id,
    name: text,
    locale: text,
    domain: maybeText,
    support_email: maybeText,
    transport: maybeText,
    status: z.enum(['active', 'suspended']),
    created_at: isoTime,
    settings: json,
    custom_attributes: json,
    features: z.record(z.string(), z.literal(true)),
  }),
)

export function presentAccount(account: AccountRow): z.output<typeof accountShape> {
  return {
    id: account.id,
    name: account.name,
    locale: account.locale,
    domain: account.domain,
    support_email: account.supportEmail,
    transport: account.transport,
    status: account.status,
    created_at: account.createdAt,
    settings: account.settings,
    custom_attributes: account.customAttributes,
    features: Object.fromEntries(account.features.map((name) => [name, true as const])),
  }
}
