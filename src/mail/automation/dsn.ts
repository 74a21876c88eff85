// Delivery status notifications (RFC 3464, RFC 6533): what the machine-readable part says of each recipient, and
// which mail it speaks of. Feeds `automation/`; free text of older MTAs is read in `automation/bounce-text`.
import { Buffer } from 'node:buffer'

import { readMessageId } from '../header/message-id.ts'
import { readFieldValue, splitHead } from '../header/split-head.ts'
import type { DeliveryReport, HeaderField, ParsedAttachment } from '../parsed-mail.ts'

const maxRecipients = 200
const maxBytes = 512 * 1024

export type FieldGroup = readonly HeaderField[]

/**
 * The groups of fields in a message/delivery-status (or like) part: the mail's own first, then one per recipient.
 * Never throws.
 */
export function readFieldGroups(content: Uint8Array): FieldGroup[] {
  const text = Buffer.from(content).subarray(0, maxBytes).toString('latin1').replace(/\r\n?/g, '\n')
  const blocks = text.split(/\n[ \t]*\n/, maxRecipients * 2)
  return blocks
    .map((block) => splitHead(Buffer.from(block.trimStart(), 'latin1')).fields)
    .filter((fields) => fields.length > 0)
}

/** One report per recipient of a delivery-status part; `originalMessageId` is left for the caller's. Never throws. */
export function readDeliveryStatus(content: Uint8Array, originalMessageId: string): DeliveryReport[] {
  return readFieldGroups(content)
    .filter((group) =>
      group.some((field) =>
        /^(?:final-recipient|original-recipient|action|status|x-actual-recipient)$/.test(field.name),
      ),
    )
    .slice(0, maxRecipients)
    .map((group) => readGroup(group, originalMessageId))
}

function readGroup(group: FieldGroup, originalMessageId: string): DeliveryReport {
  const recipient = ['final-recipient', 'original-recipient', 'x-actual-recipient']
    .map((name) => typedAddress(readFieldValue(group, name)))
    .find((address) => address !== '')
  const diagnosticCode = withoutType(readFieldValue(group, 'diagnostic-code') ?? '').replace(/\s+/g, ' ')
  const status =
    /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(readFieldValue(group, 'status') ?? '')?.[0] ?? readStatus(diagnosticCode)
  const action = /^[a-z]+/.exec((readFieldValue(group, 'action') ?? '').toLowerCase())?.[0] ?? actionOf(status)
  return {
    recipient: recipient ?? '',
    action,
    status,
    diagnosticCode: diagnosticCode.slice(0, 1000),
    originalMessageId,
  }
}

/** The address of a typed field such as `rfc822; ann@example.org`, '' when there is none. Never throws. */
export function typedAddress(value: string | null): string {
  const plain = withoutType(value ?? '')
    .replace(/\([^()]*\)/g, '')
    .trim()
  const given = (/<([^<>]*)>/.exec(plain)?.[1] ?? plain.split(/\s/)[0] ?? '').trim()
  return /^\s*utf-8\s*;/i.test(value ?? '') ? decodeUtf8Address(given) : given
}

// utf-8-addr-xtext and utf-8-addr-unitext (RFC 6533 §3): "jos\x{E9}@example.org"; a hexpoint of six digits at most.
function decodeUtf8Address(text: string): string {
  return text.replace(/\\x\{([0-9a-f]{2,6})\}/gi, (escaped, hex: string) => {
    const point = parseInt(hex, 16)
    return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : escaped
  })
}

function withoutType(value: string): string {
  return value.replace(/^[a-z0-9-]{1,20}\s*;\s*/i, '').trim()
}

/**
 * An RFC 3463 status found in words, made from an SMTP code when there is only that, '' when there is neither. Never
 * throws.
 */
export function readStatus(text: string): string {
  const enhanced = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1]
  if (enhanced !== undefined) return enhanced
  const code = /(?<![\d.:-])([45])[0-5]\d(?![\d.:]*\d)/.exec(text)?.[1]
  return code === undefined ? '' : `${code}.0.0`
}

/** The action implied by a status if the report names none. Never throws. */
export function actionOf(status: string): string {
  if (status.startsWith('4')) return 'delayed'
  return status.startsWith('2') ? 'delivered' : 'failed'
}

/**
 * The Message-ID of the mail that a report returns, from its message/rfc822 or text/rfc822-headers part; '' when
 * neither is there. Never throws.
 */
export function readReturnedMessageId(attachments: readonly ParsedAttachment[]): string {
  for (const part of attachments) {
    if (
      !/^(?:message\/(?:rfc822|global|rfc822-headers)|text\/rfc822-headers|message\/global-headers)/.test(
        part.contentType,
      )
    )
      continue
    const id = readMessageId(readFieldValue(splitHead(Buffer.from(part.content)).fields, 'message-id'))
    if (id !== null) return id
  }
  return ''
}
