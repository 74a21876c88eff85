// Validation of an automation rule (its event, conditions and actions) before it is stored, with Chatwoot's sentences.

import { ruleEvents } from '../contracts/event-names.ts'
import { hasUploads } from '../conversations/files/uploads.ts'
import { compilePayload } from '../conversations/filter/filter.ts'
import type { Problem } from '../conversations/records/problem.ts'
import { conversationStatuses, type Json, priorities } from '../conversations/records/rows.ts'
import { findProblems, isBlank, type Rule } from '../conversations/records/save.ts'
import type { Sql } from '../db/pool.ts'

export interface RuleFields {
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly eventName?: string | null | undefined
  readonly conditions?: readonly Json[] | undefined
  readonly actions?: readonly Json[] | undefined
  readonly active?: boolean | undefined
}

/** An action as it is taken. */
export interface Action {
  readonly name: ActionName
  readonly params: readonly unknown[]
}

type Check = (params: readonly unknown[]) => boolean
const nothing: Check = () => true
const isId = (value: unknown): boolean => /^\d{1,9}$/.test(String(value))
const oneId: Check = ([id]) => isId(id)
const words: Check = (params) =>
  params.length > 0 && params.every((word) => typeof word === 'string' && word.trim() !== '' && word.length <= 255)
const oneText: Check = ([text]) => typeof text === 'string' && text.trim() !== '' && text.length <= 150_000
const oneOf =
  (names: readonly string[]): Check =>
  ([name]) =>
    names.includes(String(name))
const webAddress: Check = ([url]) =>
  typeof url === 'string' &&
  url.length <= 2_000 &&
  URL.canParse(url) &&
  ['http:', 'https:'].includes(new URL(url).protocol)
const teamMessage: Check = ([given]) => {
  const { team_ids: ids, message } = (typeof given === 'object' && given !== null ? given : {}) as Json
  return Array.isArray(ids) && ids.length > 0 && ids.every(isId) && oneText([message])
}

const checks = {
  assign_agent: ([id]: readonly unknown[]) => isId(id) || id === 'nil',
  assign_team: oneId,
  remove_assigned_team: nothing,
  add_label: words,
  remove_label: words,
  send_message: oneText,
  send_attachment: words,
  add_private_note: oneText,
  send_email_to_team: teamMessage,
  send_email_transcript: oneText,
  mute_conversation: nothing,
  snooze_conversation: nothing,
  resolve_conversation: nothing,
  open_conversation: nothing,
  pending_conversation: nothing,
  change_status: oneOf(conversationStatuses),
  change_priority: oneOf([...priorities, 'nil', 'null']),
  send_webhook_event: webAddress,
} satisfies Record<string, Check>
export type ActionName = keyof typeof checks

/** The actions that are known, as they are kept. Never throws. */
export function actionsOf(given: unknown): Action[] {
  const list = Array.isArray(given) ? (given as unknown[]) : []
  return list.flatMap((item) => {
    const { action_name: name, action_params: params } = (typeof item === 'object' && item !== null ? item : {}) as Json
    if (typeof name !== 'string' || !Object.hasOwn(checks, name)) return []
    return [
      {
        name: name as ActionName,
        params: listOf(params),
      },
    ]
  })
}

function listOf(params: unknown): unknown[] {
  if (Array.isArray(params)) return params
  return params === undefined || params === null ? [] : [params]
}

/** The uploads that actions name. Never throws. */
export function uploadsOf(actions: unknown): string[] {
  return actionsOf(actions).flatMap(({ name, params }) => (name === 'send_attachment' ? params.map(String) : []))
}

const maxActions = 50

const rules: readonly Rule<RuleFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is too long (maximum is 255 characters)', ({ name }) => (name ?? '').length > 255],
  [
    'description',
    'is too long (maximum is 20000 characters)',
    ({ description }) => (description ?? '').length > 20_000,
  ],
  [
    'event_name',
    'is not included in the list',
    ({ eventName }) => eventName !== undefined && !(ruleEvents as readonly (string | null)[]).includes(eventName),
  ],
]

/** The problems of a rule; its conditions are those of a filter. */
export async function findRuleProblems(sql: Sql, accountId: number, fields: RuleFields): Promise<Problem[]> {
  const { conditions, actions } = fields
  const compiled =
    conditions === undefined
      ? null
      : await compilePayload(sql, conditions, { subject: 'automation', accountId, firstParameter: 1 })
  const files = uploadsOf(actions ?? [])
  const lacking =
    files.length === 0 || (await hasUploads(sql, accountId, files))
      ? []
      : [{ attribute: 'actions', message: 'name a file that was not uploaded' }]
  const wrong = compiled !== null && 'error' in compiled ? [{ attribute: 'conditions', message: compiled.error }] : []
  return [
    ...findProblems(rules, fields),
    ...wrong,
    ...lacking,
    ...(actions === undefined ? [] : actionProblems(actions)),
  ]
}

function actionProblems(given: readonly Json[]): Problem[] {
  const names = given.map(({ action_name: name }) => (typeof name === 'string' ? name : ''))
  const unknown = names.filter((name) => !Object.hasOwn(checks, name))
  if (unknown.length > 0)
    return [{ attribute: 'actions', message: `Automation actions ${unknown.join(',').slice(0, 200)} not supported.` }]
  if (given.length > maxActions) return [{ attribute: 'actions', message: `may be ${String(maxActions)} at most` }]
  const wrong = actionsOf(given).filter(({ name, params }) => !checks[name](params))
  return wrong.length === 0
    ? []
    : [
        {
          attribute: 'actions',
          message: `Automation action params of ${wrong.map(({ name }) => name).join(',')} are invalid`,
        },
      ]
}
