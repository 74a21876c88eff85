// SparkPost (Bird) relay webhooks: a list of mails a request, JSON, each with its raw message, in base64 if they are
// not UTF-8, and its envelope. Authenticated by the token of the webhook in a header. 200 accepted, already accepted,
// or an entry kept for a person because it was unreadable; a ping | 401 token: retried for 8 hours, time to correct it
// | 413 larger than allowed | 503 try later, or the token is not configured: the same.

import { MailError } from '../../errors.ts'
import type { Provider } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { readBatch } from '../quarantine.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import { type Json, listOf, objectOf, optionalText, textOf } from '../reading/json.ts'
import { providerPeer } from '../reading/peer.ts'
import { isSameSecret, neededKeys } from '../signatures/hmac.ts'

export const provider: Provider = defineProvider({
  service: 'sparkpost',
  title: 'SparkPost',
  settings: {
    SPARKPOST_INGRESS_AUTH_TOKEN: {
      kind: 'list',
      meaning: 'Authentication token of the relay webhook of SparkPost; two, separated by a comma, during a change',
    },
  },
  required: ['SPARKPOST_INGRESS_AUTH_TOKEN'],
  basic: false,
  answers: {
    accepted: 200,
    duplicate: 200,
    'reject-permanent': 200,
    unread: 413,
    'retry-later': 503,
    unauthenticated: 401,
    forged: 401,
    misconfigured: 503,
  },
  vouching: {
    verifies: false,
    disowns: false,
    by: 'nothing: it documents no finding about the sender',
  },
  steps: (url) => [
    'Create an inbound domain: POST https://api.sparkpost.com/api/v1/inbound-domains {"domain": "YOUR ' +
      'DOMAIN"}, and point its MX at rx1.sparkpostmail.com, rx2.sparkpostmail.com and ' +
      'rx3.sparkpostmail.com.',
    'Create the relay webhook: POST https://api.sparkpost.com/api/v1/relay-webhooks {"name": "Rethread", ' +
      `"target": "${url}", "auth_token": "A LONG RANDOM TOKEN", "match": {"protocol": "SMTP", "domain": ` +
      '"YOUR DOMAIN"}}.',
    'Put that token into SPARKPOST_INGRESS_AUTH_TOKEN.',
  ],
  create: ({ settings: { SPARKPOST_INGRESS_AUTH_TOKEN: tokens } }) => ({
    bounds: { growth: 3 },
    authenticate: ({ headers }) => {
      const given = headers['x-messagesystems-webhook-token']
      const results = neededKeys(tokens, 'SPARKPOST_INGRESS_AUTH_TOKEN').map((token) =>
        isSameSecret(token, typeof given === 'string' ? given : ''),
      )
      if (!results.includes(true))
        throw new MailError(
          'unauthenticated',
          given === undefined
            ? 'X-MessageSystems-Webhook-Token is missing'
            : 'key: the token is none of SPARKPOST_INGRESS_AUTH_TOKEN',
        )
    },
    extract: (delivery) => readBatch('sparkpost', listOf(delivery.json(), 'the body'), readEntry),
  }),
})

// A ping has nothing in it.
function readEntry(entry: unknown) {
  const relayed = objectOf(objectOf(entry, 'an entry')['msys'], 'msys')['relay_message']
  return relayed === undefined ? [] : [mailOf(objectOf(relayed, 'relay_message'))]
}

function mailOf(relayed: Json) {
  const content = objectOf(relayed['content'], 'content')
  const raw = Buffer.from(
    textOf(content['email_rfc822'], 'email_rfc822'),
    content['email_rfc822_is_base64'] === true ? 'base64' : 'utf8',
  )
  const envelope = {
    reversePath: reversePathOf(optionalText(relayed['msg_from'], 'msg_from')),
    recipients: recipientsOf([relayed['rcpt_to']], 'rcpt_to'),
  }
  return { ingress: 'sparkpost', envelope, raw, peer: providerPeer('sparkpost', {}) }
}
