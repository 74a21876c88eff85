// Validation and storage of the inbox fields that clients set. The name appears in From headers and in pages.

import { isApi, isEmail, isWidget } from '../../contracts/channels.ts'
import { isEmailAddress } from '../../mail/address.ts'
import type { Problem } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'
import { defined, findProblems, isBlank, isLine, isWebUrl, type Rule } from '../records/save.ts'
import { isTimezone } from '../records/time-zone.ts'
import type { ChannelFields } from './channel-fields.ts'

/** Absent fields stay unchanged. */
export interface InboxFields {
  readonly name?: string | null | undefined
  readonly businessName?: string | null | undefined
  readonly senderNameType?: string | undefined
  readonly enableAutoAssignment?: boolean | undefined
  readonly autoAssignmentConfig?: Json | undefined
  readonly greetingEnabled?: boolean | undefined
  readonly greetingMessage?: string | null | undefined
  readonly outOfOfficeMessage?: string | null | undefined
  readonly workingHoursEnabled?: boolean | undefined
  readonly timezone?: string | undefined
  readonly csatSurveyEnabled?: boolean | undefined
  readonly csatConfig?: Json | undefined
  readonly enableEmailCollect?: boolean | undefined
  readonly allowMessagesAfterResolved?: boolean | undefined
  readonly lockToSingleConversation?: boolean | undefined
  readonly avatarUrl?: string | null | undefined
  /** Markdown or HTML; it is made harmless when it leaves. */
  readonly signature?: string | null | undefined
  /** `#rrggbb`. */
  readonly mailColor?: string | null | undefined
  readonly quoteHistory?: string | undefined
  /** The name of a transport. */
  readonly transport?: string | null | undefined
}

export interface InboxChanges {
  readonly inbox: InboxFields
  readonly channel: ChannelFields
  /** Days of the week that change: [{day_of_week, …}]. */
  readonly workingHours: readonly Json[]
}

type Checked = InboxFields & { readonly type: string }

const maxMessage = 10_000
const isStrict = (type: string): boolean => isEmail(type) || isApi(type) || isWidget(type)
const tooLong = `is too long (maximum is ${String(maxMessage)} characters)`

const rules: readonly Rule<Checked>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  [
    'name',
    'should not start or end with symbols, and it should not have < > / \\ @ characters.',
    ({ name, type }) => isStrict(type) && /[/\\<>@]/.test(name ?? ''),
  ],
  ['business_name', 'is invalid', ({ businessName }) => !isLine(businessName) || isEmailAddress(businessName ?? '')],
  [
    'sender_name_type',
    'is invalid',
    ({ senderNameType }) =>
      senderNameType !== undefined && senderNameType !== 'friendly' && senderNameType !== 'professional',
  ],
  [
    'auto_assignment_config',
    'max_assignment_limit must be greater than 0',
    ({ autoAssignmentConfig }) => !isLimit(autoAssignmentConfig?.['max_assignment_limit']),
  ],
  ['greeting_message', tooLong, ({ greetingMessage }) => (greetingMessage ?? '').length > maxMessage],
  ['out_of_office_message', tooLong, ({ outOfOfficeMessage }) => (outOfOfficeMessage ?? '').length > maxMessage],
  ['timezone', 'is invalid', ({ timezone }) => timezone !== undefined && !isTimezone(timezone)],
  ['csat_config', 'is too long', ({ csatConfig }) => JSON.stringify(csatConfig ?? {}).length > 65_536],
  ['signature', 'is too long (maximum is 20000 characters)', ({ signature }) => (signature ?? '').length > 20_000],
  [
    'mail_color',
    'is invalid: a colour is # and six hex digits',
    ({ mailColor }) => !/^(?:#[0-9a-f]{6})?$/i.test(mailColor?.trim() ?? ''),
  ],
  [
    'quote_history',
    'is invalid: none or last',
    ({ quoteHistory }) => quoteHistory !== undefined && quoteHistory !== 'none' && quoteHistory !== 'last',
  ],
  ['avatar_url', 'is invalid', ({ avatarUrl }) => typeof avatarUrl === 'string' && !isWebUrl(avatarUrl)],
]

export function findInboxProblems(fields: Checked): Problem[] {
  return findProblems(rules, fields)
}

/** The fields as columns take them. */
export function columnsOf(fields: InboxFields) {
  const { name, autoAssignmentConfig, csatConfig, businessName, avatarUrl, ...others } = fields
  const { signature, mailColor, transport, ...columns } = others
  const limit = autoAssignmentConfig?.['max_assignment_limit']
  return {
    ...defined({
      ...columns,
      name: name?.trim(),
      businessName: blankToNull(businessName),
      avatarUrl: blankToNull(avatarUrl),
      signature: blankToNull(signature),
      mailColor: blankToNull(mailColor?.toLowerCase()),
      transport: blankToNull(transport),
    }),
    // Only the limit is known.
    ...(autoAssignmentConfig === undefined
      ? {}
      : { autoAssignmentConfig: isBlankValue(limit) ? {} : { max_assignment_limit: Number(limit) } }),
    ...(csatConfig === undefined ? {} : { csatConfig: csatConfig as object }),
  }
}

function blankToNull(text: string | null | undefined): string | null | undefined {
  return isBlank(text) ? null : text?.trim()
}

function isBlankValue(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function isLimit(value: unknown): boolean {
  return isBlankValue(value) || (Number.isInteger(Number(value)) && Number(value) > 0 && Number(value) <= 1_000_000)
}
