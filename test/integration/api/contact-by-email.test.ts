import { afterAll, beforeAll, expect, it } from 'vitest'

import { findOrCreateContactByEmail } from '../../../src/conversations/contacts/contact-by-email.ts'
import { nextDisplayId } from '../../../src/conversations/display-id.ts'
import { inTransaction } from '../../../src/db/pool.ts'
import { createInbox, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('a contact by e-mail address', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api.stop())

  const find = (email: string, more: { name?: string | null; inboxId?: number } = {}) =>
    inTransaction(api.pool, (tx) =>
      findOrCreateContactByEmail(tx, {
        accountId: api.accountId,
        inboxId: more.inboxId ?? api.inboxId,
        email,
        name: more.name ?? null,
      }),
    )

  it('an unknown sender becomes a contact with the name of the mail, or the local part', async () => {
    const named = await find('Nora@New.example', { name: ' Nora N. ' })
    expect(named).toMatchObject({ created: true, blocked: false })
    const unnamed = await find('plain@new.example')
    const { rows } = await api.pool.query('select name, email from contacts where id = any($1) order by id', [
      [named.contactId, unnamed.contactId],
    ])
    expect(rows).toEqual([
      { name: 'Nora N.', email: 'nora@new.example' },
      { name: 'plain', email: 'plain@new.example' },
    ])
    expect(await find('NORA@new.EXAMPLE')).toEqual({ ...named, created: false })
  })

  it('simultaneous mails of one unknown sender create one contact', async () => {
    const found = await Promise.all(Array.from({ length: 10 }, () => find('rush@new.example')))
    expect(new Set(found.map((one) => `${String(one.contactId)} ${String(one.contactInboxId)}`)).size).toBe(1)
    expect(found.filter((one) => one.created)).toHaveLength(1)
  })

  it('a further address finds the same contact, and cannot be used by a second one', async () => {
    const person = await find('main@new.example')
    await api.pool.query(
      `update contacts set additional_emails = '{second@new.example,third@new.example}' where id = $1`,
      [person.contactId],
    )
    expect((await find('second@new.example')).contactId).toBe(person.contactId)
    expect(
      await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Another', email: 'Third@new.example' } }),
    ).toMatchObject({ status: 422, body: { attributes: ['email'] } })
  })

  it('an address that was replaced on its contact no longer finds it', async () => {
    const before = await find('moved@new.example')
    await api.pool.query(`update contacts set email = 'now@new.example' where id = $1`, [before.contactId])
    const after = await find('moved@new.example')
    expect(after).toMatchObject({ created: true })
    expect(after.contactId).not.toBe(before.contactId)
  })

  it('a source id whose owner has changed moves to the new one', async () => {
    const old = await find('handed@new.example')
    await api.pool.query(`update contacts set email = 'else@new.example' where id = $1`, [old.contactId])
    const { rows } = await api.pool.query<{ id: number }>(
      `insert into contacts (account_id, email, updated_at) values ($1, 'handed@new.example', now()) returning id`,
      [api.accountId],
    )
    const now = await find('handed@new.example')
    expect(now.contactId).toBe(rows[0]!.id)
    expect(now.contactInboxId).not.toBe(old.contactInboxId)
  })

  it('each inbox has its own contact inbox for the contact', async () => {
    const inboxId = await createInbox(api.pool, {
      accountId: api.accountId,
      type: 'Channel::Email',
      name: 'Second',
      email: 'second@acme.example',
    })
    const first = await find('both@new.example')
    const second = await find('both@new.example', { inboxId })
    expect([second.contactId, second.contactInboxId === first.contactInboxId]).toEqual([first.contactId, false])
  })

  it('display ids increase by one and are never reused', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, () => inTransaction(api.pool, (tx) => nextDisplayId(tx, api.accountId))),
    )
    expect(new Set(ids).size).toBe(10)
    await expect(inTransaction(api.pool, (tx) => nextDisplayId(tx, 4711))).rejects.toMatchObject({
      kind: 'not-found',
    })
  })
})
