import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MailError } from '../../../src/errors.ts'
import { parseEnvelopeHeaders } from '../../../src/ingress/envelope-headers.ts'

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

describe('parseEnvelopeHeaders', () => {
  it('any header is a list of addresses without control characters, or malformed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '@', '"', '\\', ',', '<', '>', ' ', '\t', '\r', '\n', '\0', 'ö', '.') }),
        (text) => {
          try {
            const { reversePath, recipients } = parseEnvelopeHeaders({
              'x-envelope-from': latin1(text),
              'x-envelope-to': latin1(text),
            })
            expect([reversePath ?? '', ...recipients].join('')).not.toMatch(/\p{Cc}/u)
            for (const recipient of recipients) expect(recipient).not.toBe('')
          } catch (error) {
            expect(error).toBeInstanceOf(MailError)
            expect((error as MailError).kind).toBe('malformed')
          }
        },
      ),
    )
  })

  it('every list of quoted local parts is read back unchanged', () => {
    const quoted = fc
      .string({ unit: fc.constantFrom('a', '@', '\\"', '\\\\', ',', '<', '>', ' ', 'ö') })
      .map((text) => `"${text}"@reply.example`)
    fc.assert(
      fc.property(fc.uniqueArray(quoted, { minLength: 1 }), (recipients) => {
        const header = latin1(recipients.map((recipient) => `<${recipient}>`).join(', '))
        expect(parseEnvelopeHeaders({ 'x-envelope-to': header }).recipients).toEqual(recipients)
      }),
    )
  })

  it('a missing header differs from an empty one', () => {
    expect(parseEnvelopeHeaders({})).toEqual({ reversePath: null, recipients: [] })
    expect(parseEnvelopeHeaders({ 'x-envelope-from': '', 'x-envelope-to': '' })).toEqual({
      reversePath: '',
      recipients: [],
    })
  })

  it('a long list is read in linear time', () => {
    const header = `${'"'.repeat(1)}${'\\"'.repeat(8000)}`
    expect(() => parseEnvelopeHeaders({ 'x-envelope-to': header })).toThrow(MailError)
    expect(parseEnvelopeHeaders({ 'x-envelope-to': 'a@b,'.repeat(3000) + 'c@d' }).recipients).toEqual(['a@b', 'c@d'])
  }, 1000)
})
