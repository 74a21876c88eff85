// Reports about outgoing mail, as mail servers and feedback loops send them.

import { freshId, freshWords } from './mail.ts'

export interface Report {
  readonly names: string
  readonly quotes?: string
  readonly status?: string
  readonly action?: string
  readonly from?: string
  readonly kind?: 'bounce' | 'complaint'
  readonly top?: readonly string[]
}

/** A bounce (RFC 3464) or complaint (RFC 5965) about a mail. */
export const reportOf = ({
  names,
  quotes = freshId(),
  status = '5.1.1',
  action = 'failed',
  from = 'mailer-daemon@mx.example.com',
  kind = 'bounce',
  top = [],
}: Report): Buffer => {
  const type = kind === 'bounce' ? 'delivery-status' : 'feedback-report'
  const part =
    kind === 'bounce'
      ? [
          'Reporting-MTA: dns; mx.example.com',
          '',
          `Final-Recipient: rfc822; ${names}`,
          `Action: ${action}`,
          `Status: ${status}`,
        ]
      : ['Feedback-Type: abuse', 'Version: 1', `Original-Rcpt-To: ${names}`]
  return Buffer.from(
    [
      ...top,
      `From: ${from}`,
      'Subject: Report',
      `Message-ID: <${freshId()}>`,
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=${type}; boundary="r"`,
      '',
      `--r\r\nContent-Type: text/plain\r\n\r\nA report. ${freshWords()}`,
      `--r\r\nContent-Type: message/${type}\r\n\r\n${part.join('\r\n')}`,
      `--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${quotes}>\r\nSubject: x\r\n`,
      '--r--\r\n',
    ].join('\r\n'),
  )
}
