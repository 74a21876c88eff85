// The secret part of our Message-IDs: a sender who quotes such an id has received the mail. Stored ids have random
// marks; mail of another channel's message has no stored id, so its mark is derived from the message's number with the
// installation's key.

import { createHmac } from 'node:crypto'

/** 32 hex digits for a message: the same at every try. Never throws. */
export function markMessage(secretKey: Buffer, messageId: number): string {
  return createHmac('sha256', secretKey)
    .update(`message-id\0${String(messageId)}`)
    .digest('hex')
    .slice(0, 32)
}
