// What a message says of the mail that it came by, or leaves by (content_attributes.email, to_emails, cc_emails …).

import { messageTypes } from '../describe'
import type { ShownMessage } from './messages-query'

export interface MailOfMessage {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly isAutoReply: boolean
  /** The whole text, with what it quotes. */
  readonly text: string
  /** Lines of the text that are not new words. */
  readonly quotedLines: number
  /** Whether it has HTML, which is read when it is asked for (original.tsx). */
  readonly hasHtml: boolean
}

type Fields = Readonly<Record<string, unknown>>

/** Null: the message has nothing to do with mail. */
export function readMail(message: ShownMessage): MailOfMessage | null {
  const { content_attributes: attributes, content } = message
  const email = fieldsOf(attributes['email'])
  const chosen = {
    to: texts(attributes['to_emails']),
    cc: texts(attributes['cc_emails']),
    bcc: texts(attributes['bcc_emails']),
  }
  if (Object.keys(email).length === 0) {
    if ([chosen.to, chosen.cc, chosen.bcc].every((list) => list.length === 0)) return null
    return {
      from: [],
      ...chosen,
      isAutoReply: false,
      text: '',
      quotedLines: 0,
      hasHtml: false,
    }
  }
  const text = textOf(fieldsOf(email['text_content'])['full'])
  return {
    from: texts(email['from']),
    // An agent's mail is written to a reply address; the people in its To and Cc do not get the answer.
    ...(message.message_type === messageTypes.outgoing
      ? chosen
      : { to: texts(email['to']), cc: texts(email['cc']), bcc: texts(email['bcc']) }),
    isAutoReply: email['auto_reply'] === true,
    text,
    quotedLines: Math.max(0, countLines(text) - countLines(content ?? '')),
    hasHtml: email['has_html'] === true || textOf(fieldsOf(email['html_content'])['full']) !== '',
  }
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const countLines = (text: string): number => text.split('\n').filter((line) => line.trim() !== '').length

function texts(value: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value ?? []].flat()
  return list.map((one: unknown) => (typeof one === 'string' ? one : textOf(fieldsOf(one)['email']))).filter(Boolean)
}
