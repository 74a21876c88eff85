// The mails that a mail forwards, as people's clients write them into its text: a divider or the subject says that it
// forwards, a header block names the author. The reader of replies knows dividers and header blocks in many languages.
// email-forward-parser 1.8.3 reads the same without re2, and needs 5 s for 10,000 blank lines.

import type { Mailbox, ParsedMail } from '../parsed-mail.ts'
import { readWrittenMailbox } from '../written-mailbox.ts'
import { readDivider } from './dividers.ts'
import { isForwardSubject } from './find-reply-text.ts'
import { readHeaderBlock } from './header-block.ts'
import { isQuoted, lineAt } from './line-text.ts'
import { splitAtForward, withoutQuoteSign } from './trim-reply.ts'

/** One forwarded mail. Its author is what the text says. */
export interface ForwardedMail {
  readonly from: Mailbox
  /** '' when the header block has none. */
  readonly subject: string
  /** The words of the person who forwarded it. */
  readonly above: string
  readonly text: string
}

/** A mail that was forwarded more often is read down to this depth. */
const maxDepth = 5

/**
 * The forwarded mails in the text of a mail, the outermost first; empty when it forwards none, or when the first header
 * block names no author with one address. Never throws.
 */
export function readForwarded(mail: Pick<ParsedMail, 'text' | 'subject'>): ForwardedMail[] {
  const found: ForwardedMail[] = []
  let { text, subject } = mail
  while (found.length < maxDepth) {
    const next = readOne(text, subject)
    if (next === null) return found
    found.push(next)
    ;({ text, subject } = next)
  }
  return found
}

/**
 * The mail that another forwards, as the text has it, with the files of the outer one. Its recipients and its thread
 * are not known. Never throws.
 */
export function forwardedMail(outer: ParsedMail, { from, subject, text }: ForwardedMail): ParsedMail {
  return { ...withoutThread(outer), html: null, from, subject, text, replyText: text }
}

/** Without the recipients and the thread, which are those of the mail around it. Never throws. */
export function withoutThread(mail: ParsedMail): ParsedMail {
  return { ...mail, to: [], cc: [], bcc: [], replyTo: [], inReplyTo: [], references: [] }
}

function readOne(text: string, subject: string): ForwardedMail | null {
  const { lines, at } = splitAtForward(text)
  const start = at >= 0 ? at : findOriginal(lines, subject)
  if (start < 0) return null
  const below = unquoted(lines.slice(start))
  const first = below.findIndex((line) => line.trim() !== '' && readDivider(line) === null)
  const block = first < 0 || first > maxGap ? null : readHeaderBlock(below, first)
  const from = block === null ? null : readWrittenMailbox(block.from)
  if (block === null || from === null) return null
  const textOf = (some: readonly string[]): string => some.join('\n').trim()
  return {
    from,
    subject: block.subject,
    above: textOf(lines.slice(0, start)),
    text: textOf(below.slice(block.end + 1)),
  }
}

// Apple Mail quotes what it forwards, sometimes its divider too.
function unquoted(lines: readonly string[]): readonly string[] {
  const next = lines.slice(1).find((line) => line.trim() !== '') ?? ''
  return isQuoted(lineAt(lines, 0)) || isQuoted(next) ? lines.map(withoutQuoteSign) : lines
}

/** Lines between a divider and the header block below it. */
const maxGap = 4

// Outlook writes no divider of its own above what it forwards: its subject alone says so.
function findOriginal(lines: readonly string[], subject: string): number {
  if (!isForwardSubject(subject)) return -1
  return lines.findIndex((line, at) => readDivider(line) === 'original' || readHeaderBlock(lines, at) !== null)
}
