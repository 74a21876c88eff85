// The table of errors against RFC 5321, RFC 3463, HTTP and sysexits; and what becomes of things thrown.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type ErrorKind, errorTable, MailError, statusOf, toMailError } from '../../../src/errors.ts'

const rows = Object.entries(errorTable) as [ErrorKind, (typeof errorTable)[ErrorKind]][]

describe.each(rows)('%s', (kind, { retry, http, smtp, enhanced, exit, publicMessage }) => {
  test('has one class: SMTP, RFC 3463 and retrying agree', () => {
    expect([Math.floor(smtp / 100), Number(enhanced[0])]).toEqual(retry ? [4, 4] : [5, 5])
  })

  test('has a code of RFC 3463, three numbers', () => {
    expect(enhanced).toMatch(/^[45]\.[0-7]\.\d{1,3}$/)
  })

  test('ends a command with a status that MTAs understand: 75 to try again, 65 or 77 never', () => {
    expect(retry ? [75] : [65, 77]).toContain(exit)
  })

  test('is 4xx or 5xx over HTTP; an internal fault is 5xx', () => {
    expect(http).toBeGreaterThanOrEqual(400)
    expect(http >= 500).toBe(['storage-full', 'unavailable', 'misconfigured', 'unexpected'].includes(kind))
  })

  test('reveals no internals to strangers', () => {
    expect(publicMessage).not.toMatch(/database|postgres|sql|redis|node|\/|token|password/i)
    expect(new MailError(kind, 'relation "users" does not exist').publicMessage).toBe(publicMessage)
  })
})

test('is the table of the design, number by number', () => {
  expect(
    Object.fromEntries(
      rows.map(([kind, { retry, http, smtp, enhanced, exit }]) => [
        kind,
        `${retry ? 'retry' : 'never'} ${String(http)} ${String(smtp)} ${enhanced} ${String(exit)}`,
      ]),
    ),
  ).toEqual({
    malformed: 'never 422 554 5.6.0 65',
    'unsupported-media': 'never 415 554 5.6.1 65',
    'too-large': 'never 413 552 5.3.4 65',
    'unknown-recipient': 'never 404 550 5.1.1 77',
    'not-found': 'never 404 554 5.3.0 65',
    forbidden: 'never 403 550 5.7.1 77',
    conflict: 'never 409 554 5.3.0 65',
    unauthenticated: 'retry 401 451 4.7.0 75',
    'rate-limited': 'retry 429 451 4.7.1 75',
    'over-quota': 'retry 429 452 4.3.1 75',
    'storage-full': 'retry 507 452 4.3.1 75',
    unavailable: 'retry 503 451 4.3.0 75',
    misconfigured: 'retry 500 451 4.3.5 75',
    unexpected: 'retry 500 451 4.3.0 75',
  })
})

describe('a thrown value becomes', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code })
  test.each<[thrown: unknown, kind: ErrorKind]>([
    [new MailError('too-large', 'x'), 'too-large'],
    [withCode('ENOSPC'), 'storage-full'],
    [withCode('53100'), 'storage-full'],
    [withCode('53300'), 'unavailable'],
    [withCode('57P01'), 'unavailable'],
    [withCode('40001'), 'unavailable'],
    [withCode('40P01'), 'unavailable'],
    [withCode('55P03'), 'unavailable'],
    [withCode('08006'), 'unavailable'],
    [withCode('ECONNREFUSED'), 'unavailable'],
    [withCode('ECONNRESET'), 'unavailable'],
    [withCode('ETIMEDOUT'), 'unavailable'],
    [withCode('ENOTFOUND'), 'unavailable'],
    [withCode('EAI_AGAIN'), 'unavailable'],
    [withCode('EPIPE'), 'unavailable'],
    [Object.assign(withCode('ENOENT'), { syscall: 'connect' }), 'unavailable'],
    [withCode('ENOENT'), 'unexpected'],
    [withCode('23505'), 'unexpected'],
    [withCode('42P01'), 'unexpected'],
    [new Error('x'), 'unexpected'],
    ['x', 'unexpected'],
    [null, 'unexpected'],
    [undefined, 'unexpected'],
    [{ code: 7 }, 'unexpected'],
    [Object.create(null), 'unexpected'],
    [{ toString: null }, 'unexpected'],
  ])('%j → %s', (thrown, kind) => {
    expect(toMailError(thrown).kind).toBe(kind)
  })

  test('an error that keeps its cause', () => {
    const cause = withCode('ENOSPC')
    expect(toMailError(cause).cause).toBe(cause)
  })

  test('always an error; an unexpected one is retried', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(statusOf(toMailError(thrown)).retry).toBe(true)
        expect(statusOf(thrown).retry).toBe(true)
      }),
    )
  })
})
