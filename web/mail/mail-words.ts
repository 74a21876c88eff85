// Words for what the service says in codes: states, reasons, ways in, steps. What has no words yet stands as it is.

import type { ChipLook } from '../ui/chip'
import type { TextId } from '../words/catalogue'
import { later } from '../words/later'
import type { Say } from '../words/words'

const has = (id: string): id is TextId => id in later

function wordsOf(say: Say, prefix: string, code: string): string {
  const id = `mail.${prefix}.${code}`
  return has(id) ? say(id) : code
}

/** A reason in two or three words. */
export const reasonName = (say: Say, reason: string | null): string => wordsOf(say, 'reason', reason ?? 'none')

/** What happened, what it means for the mail, and what helps. */
export function reasonSentence(say: Say, reason: string | null): string {
  const id = `mail.what.${reason ?? 'none'}`
  return has(id) ? say(id) : ''
}

export const statusName = (say: Say, status: string): string => wordsOf(say, 'status', status)

/** A way in; providers stand by their names. */
export function wayIn(say: Say, ingress: string): string {
  const id = `mail.ingress.${ingress}`
  return has(id) ? say(id) : ingress.charAt(0).toLocaleUpperCase() + ingress.slice(1)
}

export const stepName = (say: Say, step: string): string => wordsOf(say, 'step', step)

/** What a decision does, or who wrote a mail; other outcomes are explained by their detail. */
export function outcomeName(say: Say, step: string, outcome: string): string {
  if (step === 'decision') return wordsOf(say, 'action', outcome)
  return step === 'parse' ? wordsOf(say, 'automation', outcome) : outcome.replaceAll('-', ' ')
}

/** The meaning of a state, as a colour beside its name. Never throws. */
export function lookOf(status: string): ChipLook {
  const looks: Readonly<Record<string, ChipLook>> = { held: 'needs-you', failed: 'failed', delivered: 'done' }
  return looks[status] ?? 'plain'
}
