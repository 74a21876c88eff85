// From a message to the mail that it came with, and how that came here; no reply address is shown.

import { expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addCorrespondence } from '../support/people.ts'

describeWithDatabase('the mail that a message came with', () => {
  const service = useService()

  test('is found by the message, with its trace', async () => {
    const place = await addCorrespondence(service, 'jane@customer.example')
    const email = await service.deliver(mail({ From: place.email, To: place.replyAddress }, freshWords()), {
      to: place.replyAddress,
    })
    const at = `/api/v1/accounts/1/conversations/${String(place.displayId)}/messages/${String(email.message_db_id)}`
    const { status, body } = await service.api('GET', `${at}/inbound_email`)
    expect([status, body.id, body.status, body.message_db_id]).toEqual([
      200,
      email.id,
      'delivered',
      email.message_db_id,
    ])
    expect(body.trace.length).toBeGreaterThan(2)
    expect(JSON.stringify(body)).not.toMatch(/reply\+[0-9a-f]{32}/)
    expect((await service.api('GET', `${at}/html`)).body.html).toBeNull()
  })
})
