// TNEF, the "winmail.dat" of Outlook and Exchange (MS-OXTNEF): the files and the words that stand in it. Bounded: one
// pass over the attributes, no value is copied before its length is known to fit.
import type { Buffer } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import { charsetOfCodePage } from '../encoding/code-pages.ts'
import type { MapiProperties } from './mapi-properties.ts'
import { readMapiProperties } from './mapi-properties.ts'

export interface TnefFile {
  readonly filename: string
  /** '' when it is not said. */
  readonly contentType: string
  readonly contentId: string | null
  readonly content: Buffer
  /** The content is a message in TNEF. */
  readonly isMessage: boolean
}

export interface Tnef {
  readonly text: string | null
  readonly html: string | null
  /** Compressed RTF (MS-OXRTFCP), where the words may be. */
  readonly rtf: Buffer | null
  readonly files: readonly TnefFile[]
  /** False when the stream is cut or broken: what is here stood before that. */
  readonly isWhole: boolean
}

const signature = 0x223e9f78
const maxAttributes = 20_000
const maxFiles = 500

const attributes = {
  body: 0x0002800c,
  messageProperties: 0x00069003,
  newFile: 0x00069002,
  fileTitle: 0x00018010,
  fileData: 0x0006800f,
  fileProperties: 0x00069005,
  codePage: 0x00069007,
} as const

const properties = {
  body: 0x1000,
  html: 0x1013,
  rtf: 0x1009,
  codePage: 0x3fde,
  data: 0x3701,
  shortName: 0x3704,
  longName: 0x3707,
  displayName: 0x3001,
  mimeTag: 0x370e,
  contentId: 0x3712,
} as const

interface Reading {
  charset: string
  body: Buffer | null
  message: MapiProperties
  readonly files: { title: Buffer | null; data: Buffer | null; properties: MapiProperties }[]
}

/** The content of a TNEF stream, or null when it is none. Never throws. */
export function readTnef(bytes: Buffer): Tnef | null {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== signature) return null
  const reading: Reading = { charset: '', body: null, message: new Map(), files: [] }
  let at = 6
  for (let count = 0; count < maxAttributes && at + 9 <= bytes.length; count++) {
    const length = bytes.readUInt32LE(at + 5)
    const end = at + 9 + length
    if (end > bytes.length) break
    takeAttribute(reading, bytes.readUInt32LE(at + 1), bytes.subarray(at + 9, end))
    // the checksum of two bytes is not checked: what it would reject is worth reading
    at = end + 2
  }
  return present(reading, at >= bytes.length)
}

function takeAttribute(reading: Reading, id: number, data: Buffer): void {
  const file = reading.files.at(-1)
  if (id === attributes.body) reading.body = data
  else if (id === attributes.messageProperties) reading.message = readMapiProperties(data)
  else if (id === attributes.codePage && data.length >= 4) reading.charset = charsetOfCodePage(data.readUInt32LE(0))
  else if (id === attributes.newFile && reading.files.length < maxFiles)
    reading.files.push({ title: null, data: null, properties: new Map() })
  else if (file !== undefined) takeOfFile(file, id, data)
}

function takeOfFile(file: Reading['files'][number], id: number, data: Buffer): void {
  if (id === attributes.fileTitle) file.title = data
  else if (id === attributes.fileData) file.data = data
  else if (id === attributes.fileProperties) file.properties = readMapiProperties(data)
}

function present({ charset, body, message, files }: Reading, isWhole: boolean): Tnef {
  const text = textOf(message, properties.body, charset)
  const internet = message.get(properties.codePage)?.number ?? 0
  const htmlCharset = charsetOfCodePage(internet) || charset
  return {
    text: text === '' && body !== null ? decode(body, charset) : text || null,
    html: textOf(message, properties.html, htmlCharset) || null,
    rtf: message.get(properties.rtf)?.bytes ?? null,
    files: files.flatMap((file) => fileOf(file, charset)),
    isWhole,
  }
}

function fileOf({ title, data, properties: own }: Reading['files'][number], charset: string): TnefFile[] {
  const value = own.get(properties.data)
  const content = value?.bytes ?? data
  if (content === null) return []
  return [
    {
      filename: nameOf(own, title, charset),
      contentType: textOf(own, properties.mimeTag, charset).toLowerCase(),
      contentId: textOf(own, properties.contentId, charset).replace(/^<|>$/g, '') || null,
      // an object begins with the id of its interface (MS-OXTNEF §2.1.3.4)
      content: value?.isObject === true ? content.subarray(16) : content,
      isMessage: value?.isObject === true,
    },
  ]
}

function nameOf(own: MapiProperties, title: Buffer | null, charset: string): string {
  const names = [
    textOf(own, properties.longName, charset),
    textOf(own, properties.shortName, charset),
    title === null ? '' : decode(title, charset),
    textOf(own, properties.displayName, charset),
  ]
  return names.find((name) => name.trim() !== '') ?? ''
}

function textOf(from: MapiProperties, id: number, charset: string): string {
  const value = from.get(id)
  if (value?.bytes === undefined) return ''
  return decode(value.bytes, value.isUnicode ? 'utf-16le' : charset)
}

function decode(bytes: Buffer, charset: string): string {
  const text = charset === 'utf-16le' ? bytes.toString('utf16le') : decodeText(bytes, charset)
  return text.replace(/\0+$/, '')
}
