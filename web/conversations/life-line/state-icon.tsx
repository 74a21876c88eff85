// The sign and colour of a mail's state; the words beside it say the same.

import { Ban, Check, CheckCheck, Clock, FileText, TriangleAlert, Undo2 } from 'lucide-react'

import styles from './delivery-state.module.css'
import type { MailState } from './read-life-line'

type Look = 'plain' | 'done' | 'waiting' | 'failed'

const looks: Readonly<Record<MailState, { readonly icon: typeof Check; readonly look: Look }>> = {
  queued: { icon: Clock, look: 'plain' },
  retrying: { icon: Clock, look: 'waiting' },
  handed_over: { icon: Check, look: 'plain' },
  written: { icon: FileText, look: 'waiting' },
  delayed: { icon: Clock, look: 'waiting' },
  delivered: { icon: CheckCheck, look: 'done' },
  auto_answered: { icon: CheckCheck, look: 'done' },
  read: { icon: CheckCheck, look: 'done' },
  bounced: { icon: TriangleAlert, look: 'failed' },
  complained: { icon: TriangleAlert, look: 'waiting' },
  failed: { icon: TriangleAlert, look: 'failed' },
  suppressed: { icon: Ban, look: 'failed' },
  cancelled: { icon: Undo2, look: 'plain' },
  seen: { icon: CheckCheck, look: 'done' },
}

/** The class of the colour. */
export const lookOf = (state: MailState): string => styles[looks[state].look] ?? ''

export function StateIcon({ state }: { readonly state: MailState }) {
  const { icon: Icon } = looks[state]
  return <Icon aria-hidden="true" />
}
