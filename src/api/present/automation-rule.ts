// Automation rules, as Chatwoot shows them.

import { z } from 'zod'

import type { RuleRow } from '../../automation/rules.ts'
import { attachmentUrl } from '../../links.ts'
import { epoch, id, json, listOf, maybeText, named, text } from './kinds.ts'
import { epochSeconds } from './time.ts'

const fileShape = z.object({
  id,
  automation_rule_id: id,
  file_type: text,
  account_id: id,
  file_url: text,
  blob_id: text,
  filename: text,
})

export const ruleShape = named(
  'AutomationRule',
  z.object({
    id,
    account_id: id,
    name: text,
    description: maybeText,
    event_name: text,
    conditions: listOf(json),
    actions: listOf(json),
    created_on: epoch,
    active: z.boolean(),
    files: listOf(fileShape).optional(),
  }),
)

/** `files` only where there are some. */
export function presentRule(rule: RuleRow, publicUrl: string): z.output<typeof ruleShape> {
  return {
    id: rule.id,
    account_id: rule.accountId,
    name: rule.name,
    description: rule.description,
    event_name: rule.eventName,
    conditions: rule.conditions,
    actions: rule.actions,
    created_on: epochSeconds(rule.createdAt),
    active: rule.active,
    ...(rule.files.length === 0 ? {} : { files: rule.files.map((file) => presentFile(rule, file, publicUrl)) }),
  }
}

function presentFile(
  { id: ruleId, accountId }: RuleRow,
  file: RuleRow['files'][number],
  publicUrl: string,
): z.output<typeof fileShape> {
  const { id: fileId, token, fileName, contentType } = file
  return {
    id: fileId,
    automation_rule_id: ruleId,
    file_type: contentType,
    account_id: accountId,
    file_url: attachmentUrl(publicUrl, token, fileName),
    blob_id: token,
    filename: fileName,
  }
}
