// Order: what one sender sends one after another stands in the conversation in that order, whatever goes on side by
// side.

import { expect, test } from 'vitest'

import { describeOnEachDatabase } from '../support/database.ts'
import { mail } from '../support/mail.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const senders = 4
const mailsEach = 60

describeOnEachDatabase('mails of one sender', (member) => {
  test('are in the conversation in the order of their acceptance', async () => {
    await using service = await startService({ on: member })
    const send = async (sender: number): Promise<void> => {
      for (let n = 0; n < mailsEach; n++) {
        const raw = mail(
          { From: 'Jane Doe <jane@example.com>', To: service.replyAddress, Subject: 'Re: Where is my order?' },
          `sender ${String(sender)} mail ${String(n)}`,
        )
        expect((await service.relay(raw, { from: 'jane@example.com', to: service.replyAddress })).status).toBe(204)
      }
    }
    await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)))
    const rows = await until('all messages', async () => {
      const found = await service.sql<{ content: string }>(
        `select content from messages where content like 'sender %' order by id`,
      )
      return found.length === senders * mailsEach ? found : null
    })
    for (let sender = 0; sender < senders; sender++) {
      const own = rows
        .map(({ content }) => content.trim())
        .filter((content) => content.startsWith(`sender ${String(sender)} `))
      expect(own).toEqual(Array.from({ length: mailsEach }, (_, n) => `sender ${String(sender)} mail ${String(n)}`))
    }
  })
})
