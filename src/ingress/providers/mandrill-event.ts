// The events of a Mandrill batch: an inbound mail as raw bytes (`raw_msg`, which Mandrill has made UTF-8), or its
// parts; anything else is not a mail. An event that cannot be read is kept for a person, and does not keep its
// neighbours from coming in.

import { signingDomainOf } from '../../mail/authentication/dkim-signature.ts'
import type { Submission } from '../../mail/envelope.ts'
import type { HeaderField } from '../../mail/parsed-mail.ts'
import { type PartFile, synthesise } from '../../mail/synthesise.ts'
import { readBatch } from '../quarantine.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import { type Fields, fieldsOfMap, headerOf } from '../reading/head.ts'
import {
  type Json,
  looseNumber,
  looseWord,
  objectOf,
  optionalList,
  optionalObject,
  optionalText,
} from '../reading/json.ts'
import { headersOf, headersOfFields, providerPeer } from '../reading/peer.ts'

/** The mails of a batch; none for events of another kind. */
export function mailsOfEvents(events: readonly unknown[]): Submission[] {
  return readBatch('mandrill', events, (value) => {
    const event = objectOf(value, 'an event')
    return event['event'] === 'inbound' ? [mailOf(objectOf(event['msg'], 'msg'))] : []
  })
}

function mailOf(msg: Json): Submission {
  const raw = optionalText(msg['raw_msg'], 'raw_msg')
  const headers = fieldsOfMap(optionalObject(msg['headers'], 'headers'))
  const recipient = optionalText(msg['email'], 'email')
  const envelope = {
    reversePath: reversePathOf(headerOf(headers, 'return-path')),
    recipients: recipientsOf([recipient], 'email'),
  }
  const isRaw = raw !== null && raw !== ''
  return {
    ingress: 'mandrill',
    envelope,
    raw: isRaw ? Buffer.from(raw) : synthesiseMsg(msg, headers),
    peer: peerOf(msg, isRaw ? headersOf(Buffer.from(raw)) : headersOfFields(headers), !isRaw),
  }
}

function synthesiseMsg(msg: Json, headers: Fields): Buffer {
  const files = Object.values(optionalObject(msg['attachments'], 'attachments')).map((file) => fileOf(file, false))
  const images = Object.values(optionalObject(msg['images'], 'images')).map((file) => fileOf(file, true))
  return synthesise({
    headers,
    fallback: [
      ['From', optionalText(msg['from_email'], 'from_email')],
      ['Subject', optionalText(msg['subject'], 'subject')],
    ],
    text: optionalText(msg['text'], 'text'),
    html: optionalText(msg['html'], 'html'),
    attachments: [...files, ...images],
  })
}

// seen: attachments of text come as they are, with base64 false. The name of an image is its Content-ID.
function fileOf(value: unknown, isImage: boolean): PartFile {
  const file = objectOf(value, 'an attachment')
  const name = optionalText(file['name'], 'name')
  const content = optionalText(file['content'], 'content') ?? ''
  const isPlain = file['base64'] === false
  return {
    filename: name,
    contentType: optionalText(file['type'], 'type'),
    contentId: isImage ? name : null,
    inline: isImage,
    bytes: Buffer.from(content, isPlain ? 'utf8' : 'base64'),
  }
}

function dkimResult(dkim: Json, isSigned: boolean): 'pass' | 'fail' | 'none' | null {
  if (dkim['valid'] === true) return 'pass'
  if (isSigned) return 'fail'
  return dkim['signed'] === false ? 'none' : null
}

// `dkim.valid` names no domain: it can only speak of the one signature of a mail that has one.
function peerOf(msg: Json, head: readonly HeaderField[], synthesised: boolean) {
  const dkim = optionalObject(msg['dkim'], 'dkim')
  const isSigned = dkim['signed'] === true
  const signer = signingDomainOf(head)
  const spam = optionalObject(msg['spam_report'], 'spam_report')
  optionalList(spam['matched_rules'], 'matched_rules')
  return providerPeer('mandrill', {
    synthesised,
    spf: looseWord(optionalObject(msg['spf'], 'spf')['result']),
    dkim: dkimResult(dkim, isSigned),
    dkimDomains: dkim['valid'] === true && signer !== null ? [signer] : [],
    spamScore: looseNumber(spam['score']),
  })
}
