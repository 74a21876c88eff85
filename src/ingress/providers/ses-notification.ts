// Parses the SNS notification of one received mail: envelope, verdicts, and the mail itself or its address in S3.

import type { MailNotice, Submission } from '../../mail/envelope.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import {
  type Json,
  listOf,
  looseWord,
  objectOf,
  optionalObject,
  optionalText,
  parseJson,
  shapeFault,
  textOf,
} from '../reading/json.ts'
import { providerPeer } from '../reading/peer.ts'

/** The mail of a notification, or null when it has none. Throws `MailError('malformed')`. */
export function mailOfNotification(text: string, topicArn: string): Submission | MailNotice | null {
  // seen: SES's own word that it may publish to the topic, in plain English.
  if (text.startsWith('Successfully validated SNS topic')) return null
  const notification = objectOf(parseJson(text, 'Message'), 'Message')
  if (notification['notificationType'] !== 'Received') return null
  const mail = objectOf(notification['mail'], 'mail')
  const receipt = objectOf(notification['receipt'], 'receipt')
  const action = objectOf(receipt['action'], 'action')
  const envelope = {
    reversePath: reversePathOf(optionalText(mail['source'], 'source')),
    recipients: recipientsOf(listOf(receipt['recipients'], 'recipients'), 'recipients'),
  }
  const common = { ingress: 'ses', envelope, peer: peerOf(receipt) }
  const content = optionalText(notification['content'], 'content')
  if (content !== null)
    return { ...common, raw: Buffer.from(content, looseWord(action['encoding']) === 'base64' ? 'base64' : 'utf8') }
  if (action['type'] !== 'S3') throw shapeFault('content is missing, and the action is not S3')
  const [bucket, key] = [textOf(action['bucketName'], 'bucketName'), textOf(action['objectKey'], 'objectKey')]
  return {
    ...common,
    key: textOf(mail['messageId'], 'messageId'),
    pointer: { bucket, key, region: topicArn.split(':')[3] ?? '' },
  }
}

function peerOf(receipt: Json) {
  const verdict = (name: string): string | null =>
    looseWord(optionalObject(receipt[`${name}Verdict`], `${name}Verdict`)['status'])
  return providerPeer('ses', {
    spf: verdict('spf'),
    dkim: verdict('dkim'),
    dmarc: verdict('dmarc'),
    dmarcPolicy: looseWord(receipt['dmarcPolicy']),
    spam: verdict('spam'),
    virus: verdict('virus'),
  })
}
