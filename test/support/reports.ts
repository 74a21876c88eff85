// Reports as servers write them: bounces (RFC 3464), read receipts (RFC 8098) and complaints (RFC 5965).

import { freshId, freshWords } from './mail.ts'

export interface Report {
  readonly kind?: 'bounce' | 'receipt' | 'complaint'
  /** The recipient that the report names; '' for none. */
  readonly names?: string
  /** The Message-ID that it quotes. */
  readonly quotes?: string
  /** Of a bounce. */
  readonly status?: string
  readonly action?: string
  /** Of a bounce: the text of its Diagnostic-Code. */
  readonly says?: string
  readonly from?: string
  /** Lines above the head. */
  readonly top?: readonly string[]
}

const types = { bounce: 'delivery-status', receipt: 'disposition-notification', complaint: 'feedback-report' }

export function reportOf({
  kind = 'bounce',
  names = '',
  quotes = freshId(),
  status = '5.1.1',
  action = 'failed',
  says = 'unknown user',
  from = 'MAILER-DAEMON@mx.example.com',
  top = [],
}: Report): Buffer {
  const person = names === '' ? [] : [`Final-Recipient: rfc822; ${names}`]
  const parts = {
    bounce: [
      'Reporting-MTA: dns; mx.example.com',
      '',
      ...person,
      `Action: ${action}`,
      `Status: ${status}`,
      `Diagnostic-Code: smtp; 550 ${says}`,
    ],
    receipt: [...person, `Original-Message-ID: <${quotes}>`, 'Disposition: manual-action/MDN-sent-manually; displayed'],
    complaint: ['Feedback-Type: abuse', 'Version: 1', ...(names === '' ? [] : [`Original-Rcpt-To: ${names}`])],
  }
  return Buffer.from(
    [
      ...top,
      `From: ${from}`,
      'Subject: Report',
      `Message-ID: <${freshId()}>`,
      'MIME-Version: 1.0',
      `Content-Type: multipart/report; report-type=${types[kind]}; boundary="r"`,
      '',
      `--r\r\nContent-Type: text/plain\r\n\r\nA report. ${freshWords()}`,
      `--r\r\nContent-Type: message/${types[kind]}\r\n\r\n${parts[kind].join('\r\n')}`,
      `--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${quotes}>\r\nSubject: x\r\n`,
      '--r--\r\n',
    ].join('\r\n'),
  )
}
