// The table: what each outcome must be answered to each provider (their own documentation; collected in the table of
// docs/install/mail-in/providers), and what follows from how each of them understands statuses.

import { describe, expect, test } from 'vitest'

import { providers } from '../../../src/ingress/providers.ts'

// accepted, duplicate, reject-permanent, unread, retry-later, unauthenticated, forged, misconfigured
const table: Readonly<Record<string, readonly number[]>> = {
  mailgun: [200, 200, 406, 406, 503, 401, 401, 503],
  sendgrid: [200, 200, 200, 413, 503, 401, 401, 503],
  mandrill: [200, 200, 200, 413, 503, 401, 401, 503],
  postmark: [200, 200, 403, 403, 503, 401, 401, 503],
  ses: [200, 200, 200, 413, 503, 401, 403, 503],
  resend: [200, 200, 200, 413, 503, 401, 401, 503],
  brevo: [200, 200, 422, 413, 429, 401, 401, 429],
  mailjet: [200, 200, 200, 413, 503, 401, 401, 503],
  sparkpost: [200, 200, 200, 413, 503, 401, 401, 503],
}

/** Whether a provider that gets this status sends the mail again. */
const sendsAgain: Readonly<Record<string, (status: number) => boolean>> = {
  mailgun: (status) => status !== 200 && status !== 406,
  sendgrid: (status) => status >= 500,
  mandrill: (status) => status < 200 || status > 299,
  postmark: (status) => status !== 200 && status !== 403,
  ses: (status) => status >= 500,
  resend: (status) => status < 200 || status > 299,
  brevo: (status) => status === 429,
  mailjet: (status) => status !== 200,
  sparkpost: (status) => status < 200 || status > 299,
}

describe.each(providers.map(({ service, answers }) => ({ service, answers })))('$service', ({ service, answers }) => {
  const again = (status: number | 'as-error') => typeof status === 'number' && (sendsAgain[service]?.(status) ?? false)

  test('gets for each outcome the answer of its row', () => {
    const { accepted, duplicate, unread, unauthenticated, forged, misconfigured } = answers
    expect([
      accepted,
      duplicate,
      answers['reject-permanent'],
      unread,
      answers['retry-later'],
      unauthenticated,
      forged,
      misconfigured,
    ]).toEqual(table[service])
  })

  test('gets a retryable answer for an internal fault or a missing key', () => {
    expect(again(answers['retry-later'])).toBe(true)
    expect(again(answers.misconfigured)).toBe(true)
  })

  test('gets a final answer for stored mail and for mail that can never be stored', () => {
    expect(again(answers.accepted)).toBe(false)
    expect(again(answers.duplicate)).toBe(false)
    expect(again(answers['reject-permanent'])).toBe(false)
  })
})

test('every provider has a row', () => {
  expect(providers.filter(({ service }) => table[service] === undefined)).toEqual([])
})
