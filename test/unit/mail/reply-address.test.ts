import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  formatBounceAddress,
  formatNewAddress,
  formatReplyAddress,
  isTokenAddress,
  maskReplyAddresses,
  readBounceToken,
  readNewToken,
  readReplyToken,
} from '../../../src/mail/reply-address.ts'

const token = '5f0c1a2b3c4d5e6f708192a3b4c5d6e7'
const dashed = '5f0c1a2b-3c4d-5e6f-7081-92a3b4c5d6e7'
const expected = { token, domain: 'reply.desk.example' }

describe('a reply address is recognised after forwarding', () => {
  test.each([
    [`reply+${token}@reply.desk.example`],
    [`<reply+${token}@reply.desk.example>`],
    [`REPLY+${token.toUpperCase()}@Reply.Desk.Example`],
    [`reply+${dashed}@reply.desk.example`],
    [`reply=${token}@reply.desk.example`],
    [`reply_${token}@reply.desk.example`],
    [`reply%2B${token}@reply.desk.example`],
    [`SRS0=HHH=TT=reply.desk.example=reply+${token}@forwarder.example`],
    [`SRS0+HHH=TT=reply.desk.example=reply+${token}@forwarder.example`],
    [`SRS1=GGG=forwarder.example==HHH=TT=reply.desk.example=reply+${token}@second.example`],
    [`prvs=1234567890=reply+${token}@reply.desk.example`],
    [`prvs=reply+${token}/1234567890@reply.desk.example`],
    [`btv1==12345==reply+${token}@reply.desk.example`],
    [`SRS0=HHH=TT=reply.desk.example=prvs=12345=reply+${dashed}@forwarder.example`],
  ])('%s', (address) => {
    expect(readReplyToken(address)).toEqual(expected)
  })
})

describe('other addresses are not reply addresses', () => {
  test.each([
    '',
    'reply@reply.desk.example',
    `reply${token}@reply.desk.example`,
    `reply+${token}0@reply.desk.example`,
    `reply+${token.slice(1)}@reply.desk.example`,
    `noreply+${token}@reply.desk.example`,
    `bounce+${token}@reply.desk.example`,
    `reply+${token}`,
  ])('%s', (address) => {
    expect(readReplyToken(address)).toBeNull()
  })
})

test('bounce and reply addresses are never confused', () => {
  expect(readBounceToken(`bounce+${token}@reply.desk.example`)).toEqual(expected)
  expect(readBounceToken(`reply+${token}@reply.desk.example`)).toBeNull()
})

describe('an address for new conversations', () => {
  test('is read in every form, and is no reply address', () => {
    for (const address of [
      formatNewAddress(token, 'reply.desk.example'),
      `NEW+${dashed}@reply.desk.example`,
      `new=${token}@reply.desk.example`,
      `SRS0=HHH=TT=reply.desk.example=new+${token}@forwarder.example`,
    ]) {
      expect(readNewToken(address)).toEqual(expected)
      expect(readReplyToken(address)).toBeNull()
      expect(isTokenAddress(address)).toBe(true)
    }
    for (const address of [`renew+${token}@reply.desk.example`, `new${token}@x.example`, 'new+york@reply.desk.example'])
      expect(readNewToken(address)).toBeNull()
  })

  test('is masked wherever it stands; a checksum that is called new is not', () => {
    for (const address of [`new+${token}@x.example`, `New+${dashed}@x.example`, `new=${token}@x.example`])
      expect(maskReplyAddresses(`<a href="mailto:${address}">`)).toBe('<a href="mailto:new+…@x.example">')
    expect(maskReplyAddresses(`mailto:new%2B${token}%40x.example`)).toBe('mailto:new+…%40x.example')
    const other = `old=${token} new=${token.replaceAll('5', '6')}`
    expect(maskReplyAddresses(other)).toBe(other)
  })
})

test('a formatted address gives its token back', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{32}$/)
  fc.assert(
    fc.property(hex, fc.domain(), (text, domain) => {
      expect(readReplyToken(formatReplyAddress(text, domain))).toEqual({ token: text, domain: domain.toLowerCase() })
      expect(readBounceToken(formatBounceAddress(text, domain))).toEqual({ token: text, domain: domain.toLowerCase() })
    }),
  )
})

test('any text has a result', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void [readReplyToken(text), readBounceToken(text)]))
})
