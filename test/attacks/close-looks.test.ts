// Attacks by looking closely: reading large mails again and again, many at once, takes neither the memory nor the
// parser from incoming mail.

import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'

describeWithDatabase('close looks', () => {
  const service = useService()

  test('at forty large mails at once: some are deferred, memory is bounded, mail is delivered meanwhile', async () => {
    const fields = { From: 'big@customer.example', To: service.inboxAddress }
    const big = await service.deliver(mail(fields, `${freshWords()}\r\n`.repeat(1_000_000)), {
      to: service.inboxAddress,
    })
    const peak = async () =>
      Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${String(service.pid)}/status`, 'utf8'))?.[1]) / 1024
    const before = await peak()
    const looks = Promise.all(
      Array.from({ length: 40 }, () =>
        service.api('GET', `/api/v1/accounts/1/inbound_emails/${String(big.id)}/parsed`),
      ),
    )
    const small = await service.deliver(mail(fields, freshWords()), { to: service.inboxAddress })
    expect(small.status).toBe('delivered')
    const statuses = new Set((await looks).map(({ status }) => status))
    expect([...statuses].filter((status) => ![200, 503].includes(status))).toEqual([])
    expect((await peak()) - before).toBeLessThan(400)
  })
})
