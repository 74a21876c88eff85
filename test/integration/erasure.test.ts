// Deleting a contact reaches everything that was ever kept of them, raw mail included, and nothing of anybody else.

import { expect, test } from 'vitest'

import { describeOnEachDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { mail } from '../support/mail.ts'
import { addCorrespondence, findEverywhere } from '../support/people.ts'
import { until } from '../support/until.ts'

describeOnEachDatabase('a deleted contact', (member) => {
  const service = useService({ on: member })

  test('leaves no trace: messages, files, raw mail, also in others’ conversations and in mail that was held', async () => {
    const needle = `needle${Math.random().toString(36).slice(2)}`
    const theirs = await addCorrespondence(service, `${needle}@customer.example`)
    const others = await addCorrespondence(service, `friend-${Math.random().toString(36).slice(2)}@customer.example`)
    const kept = `kept${Math.random().toString(36).slice(2)}`
    const write = (to: string, words: string, from = theirs.email) =>
      service.deliver(
        mail(
          { From: from, To: to, Subject: words, 'Content-Type': 'multipart/mixed; boundary=b', 'MIME-Version': '1.0' },
          `--b\r\n\r\n${words}\r\n--b\r\nContent-Disposition: attachment; filename="${words}.txt"\r\n\r\n` +
            `${words} file\r\n--b--`,
        ),
        { from, to },
      )
    expect(await write(theirs.replyAddress, `${needle} own`)).toMatchObject({ status: 'delivered' })
    expect(await write(others.replyAddress, `${needle} guest`)).toMatchObject({ status: 'delivered' })
    expect(await write('nobody-of-ours@elsewhere.example', `${needle} lost`)).toMatchObject({ status: 'held' })
    expect(await write(others.replyAddress, kept, others.email)).toMatchObject({ status: 'delivered' })
    const held = await service.api('GET', '/api/v1/inbound_emails?status=held')
    expect(held.body.payload).toHaveLength(1)

    expect((await service.api('DELETE', `/api/v1/accounts/1/contacts/${String(theirs.contactId)}`)).status).toBe(200)

    // The held mail belongs to no account: only what came to this account is this account's to erase.
    await until(
      'the raw mail gone',
      async () =>
        (
          await service.sql(`select 1 from inbound_emails where erased_at is null and from_address = $1`, [
            theirs.email,
          ])
        ).length === 1,
    )
    await service.api('DELETE', `/api/v1/inbound_emails/${String(held.body.payload[0].id)}`)
    expect(await findEverywhere(service, needle)).toEqual([])
    expect((await service.messages(others.displayId)).map((message) => message.content)).toContain(
      'This message was deleted',
    )
    expect((await service.messages(others.displayId)).some((message) => message.content?.includes(kept) === true)).toBe(
      true,
    )
    expect((await findEverywhere(service, kept)).sort()).toEqual(
      expect.arrayContaining(['attachments', 'blobs', 'messages', 'raw_emails']),
    )
    expect((await service.balance())['unaccounted']).toBe(0)
  })
})
