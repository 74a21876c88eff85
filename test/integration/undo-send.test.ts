// A mail leaves after the time that its writer may take it back in, and never when it was taken back.

import { expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords } from '../support/mail.ts'
import { addConversation } from '../support/people.ts'
import { until } from '../support/until.ts'

describeWithDatabase('delayed mail', () => {
  const service = useService()

  test('an undone message is never sent, and later ones are, in order', async () => {
    const { displayId } = await addConversation(service, 'jane@customer.example')
    const at = `/api/v1/accounts/1/conversations/${String(displayId)}/messages`
    const words = [freshWords(), freshWords(), freshWords()]
    const write = async (content: string | undefined, fields: object) =>
      (await service.api('POST', at, { content, ...fields })).body
    const taken = await write(words[0], { send_after_seconds: 60 })
    const waiting = await write(words[1], { send_after_seconds: 1 })
    await write(words[2], {})
    expect((await service.api('POST', `${at}/${String(taken.id)}/cancel_send`)).status).toBe(200)
    const sent = await until('both mails', async () => {
      const mails = (await service.outbox()).filter(({ text }) => words.some((word) => text.includes(word)))
      return mails.length >= 2 && mails
    })
    expect(sent.map(({ text }) => words.findIndex((word) => text.includes(word))).toSorted()).toEqual([1, 2])
    expect((await service.api('POST', `${at}/${String(waiting.id)}/cancel_send`)).status).toBe(409)
    const rows = await service.sql<{ state: string }>(
      `select content_attributes #>> '{delivery,state}' as state from messages where id = $1`,
      [waiting.id],
    )
    expect(rows).toEqual([{ state: 'sent' }])
  })
})
