// The daily mail of what is held: one a day, to those who see some of it and have not switched it off.

import { expect, test } from 'vitest'

import { createTestDatabase, describeOnEitherDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addAgent } from '../support/people.ts'
import { createDataDir, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const [boss, mine, elsewhere, quiet] = ['boss', 'mine', 'elsewhere', 'quiet'].map((name) => `${name}@agents.example`)

describeOnEitherDatabase('the daily mail about held mail', (member) => {
  test('goes once a day to agents who have access to some of it and enabled it', async () => {
    const database = await createTestDatabase(member)
    const folder = await createDataDir()
    const start = () => startProcess({ DATA_DIR: folder.path, DATABASE_URL: database.url })
    const subject = `Scan ${freshWords()}`
    {
      await using service = await start()
      for (const email of [boss, mine, elsewhere, quiet]) await addAgent(service, email ?? '')
      const ofUser = '(select id from users where email = any($1))'
      await service.sql(`update account_users set role = 'administrator' where user_id in ${ofUser}`, [[boss, quiet]])
      await service.sql(`insert into inbox_members (inbox_id, user_id) select 1, id from users where email = $1`, [
        mine,
      ])
      await service.sql(
        `insert into notification_settings (account_id, user_id, email_flags, push_flags)
         select 1, id, '{}', '{}' from users where email = $1`,
        [quiet],
      )
      const fields = { From: 'a@x.example, b@y.example', To: service.inboxAddress, Subject: subject }
      const held = await service.deliver(mail(fields), { to: service.inboxAddress })
      expect(held.status).toBe('held')
    }
    // A process looks for it when it starts. What was held just now is seen before.
    const digests = async (isDue: boolean) => {
      await using service = await start()
      await until('the end of all work', async () => {
        const digests = await service.sql('select 1 from held_digests')
        const rows = await service.sql('select 1 from work where failed_at is null')
        return (digests.length > 0 || !isDue) && rows.length === 0
      })
      const sent = await service.outbox()
      await service.sql(`update inbound_emails set settled_at = now() - interval '2 hours'`)
      return sent.filter(({ field }) => /needs? a person/.test(field('Subject') ?? ''))
    }
    expect(await digests(false)).toEqual([])
    const sent = await digests(true)
    const recipients = sent.flatMap((one) => one.recipients)
    expect(recipients).toEqual(expect.arrayContaining([boss, mine]))
    expect(recipients).not.toEqual(expect.arrayContaining([elsewhere]))
    expect(recipients).not.toEqual(expect.arrayContaining([quiet]))
    expect(sent[0]?.text).toContain(subject)
    expect(sent[0]?.field('Auto-Submitted')).toBe('auto-generated')
    expect(await digests(true)).toHaveLength(sent.length)
    await database.drop()
    await folder.remove()
  })
})
