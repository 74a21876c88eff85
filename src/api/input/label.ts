// The label that a path names.

import { cleanLabels } from '../../conversations/actions/describe.ts'
import { unprocessable } from './fault.ts'

/** The label as it is kept: lower case, composed. Throws 422 for a blank one. */
export function labelOf(params: Readonly<Record<string, string>>): string {
  const [label] = cleanLabels([params['label'] ?? ''])
  if (label === undefined) throw unprocessable('Label is blank')
  return label
}
