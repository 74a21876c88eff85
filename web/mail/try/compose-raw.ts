// The bytes of a mail that is composed in the form (RFC 5322, text as UTF-8).

export interface Composed {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly inReplyTo: string
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ').trim()

/** Never throws. */
export function composeRaw({ from, to, subject, text, inReplyTo }: Composed): string {
  const id = inReplyTo.trim().replace(/^<|>$/g, '')
  const head = [
    `From: ${oneLine(from)}`,
    `To: ${oneLine(to)}`,
    `Subject: ${oneLine(subject)}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${crypto.randomUUID()}@try.invalid>`,
    ...(id === '' ? [] : [`In-Reply-To: <${oneLine(id)}>`]),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ]
  return `${head.join('\r\n')}\r\n\r\n${text.replace(/\r?\n/g, '\r\n')}\r\n`
}
