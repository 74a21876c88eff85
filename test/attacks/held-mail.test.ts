// Attacks on the handling of held mail, by an agent or by a mail: a merged conversation gives no access to one that the
// agent does not see, and Authentication-Results in bytes that a person submits prove nothing.

import { beforeAll, expect, test } from 'vitest'

import { hashToken } from '../../src/conversations/people/access-tokens.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAgent, addConversation } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'

const relay = 'mx.relay.example'

describeOnEitherDatabase('held mail', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: relay, TRUSTED_RELAYS: '127.0.0.0/8' } })
  let agent: { readonly id: number; readonly email: string; readonly token: string }
  const path = '/api/v1/accounts/1/inbound_emails'
  beforeAll(async () => {
    const email = `${freshWords()}@agents.example`.toLowerCase()
    agent = { id: await addAgent(service, email), email, token: freshWords() }
    await service.sql('insert into access_tokens (user_id, token_hash) values ($1, $2)', [
      agent.id,
      hashToken(agent.token),
    ])
    await addInboxMembers(service, 1, [agent.id])
  })

  const hold = async (from: string, subject = 'Re: order') => {
    const id = freshId()
    const first = mail({ From: 'carla@customer.example', To: service.inboxAddress, 'Message-ID': `<${id}>` })
    expect((await service.deliver(first, { to: service.inboxAddress })).status).toBe('delivered')
    const to = `x@${service.replyAddress.split('@')[1] ?? ''}`
    const held = await service.deliver(mail({ From: from, To: to, Subject: subject, 'In-Reply-To': `<${id}>` }), { to })
    expect(held.status).toBe('held')
    return held
  }
  const addInbox = async (): Promise<number> => {
    const rows = await service.sql<{ id: number }>(
      `with ch as (insert into channels (account_id, channel_type, email) values (1, 'Channel::Email', $1) returning id)
       insert into inboxes (account_id, channel_id, name) select 1, id, 'Secret' from ch returning id`,
      [`${freshWords()}@shop.example`.toLowerCase()],
    )
    return rows[0]?.id ?? 0
  }

  test('is not filed through a merged conversation into one that the agent does not see', async () => {
    const held = await hold(`${freshWords()}@stranger.example`)
    const inboxId = await addInbox()
    const target = await addConversation(service, `${freshWords()}@customer.example`, { inboxId })
    const merged = await addConversation(service, `${freshWords()}@customer.example`, { inboxId })
    await service.sql('update conversations set assignee_id = $1 where id = $2', [agent.id, merged.id])
    const at = `/api/v1/accounts/1/conversations/${String(target.displayId)}/merge`
    expect((await service.api('POST', at, { conversation_id: merged.displayId })).status).toBe(200)
    const file = { conversation_id: merged.displayId }
    expect((await service.api('POST', `${path}/${String(held.id)}/file`, file, agent.token)).status).toBe(404)
    expect(
      await service.sql('select 1 from messages where conversation_id = $1 and inbound_email_id is not null', [
        target.id,
      ]),
    ).toEqual([])
    expect((await service.api('POST', `${path}/${String(held.id)}/file`, file)).status).toBe(200)
  })

  test('has existing conversations as candidates: the target stands in for a merged conversation', async () => {
    const from = `${freshWords()}@customer.example`.toLowerCase()
    const target = await addConversation(service, `${freshWords()}@customer.example`)
    const merged = await addConversation(service, from)
    const at = `/api/v1/accounts/1/conversations/${String(target.displayId)}/merge`
    expect((await service.api('POST', at, { conversation_id: merged.displayId })).status).toBe(200)
    const held = await hold(from, `Re: #${String(merged.displayId)}`)
    const { body } = await service.api('GET', `${path}/${String(held.id)}/candidates`, undefined, agent.token)
    const found = body.payload as { conversation_id: number; status: string }[]
    expect(found.map(({ status }) => status)).not.toContain('merged')
    expect(found.map(({ conversation_id: id }) => id)).toContain(target.displayId)
    expect(found.map(({ conversation_id: id }) => id)).not.toContain(merged.displayId)
  })

  test(
    'a raw message that a person submits never counts as an agent, whatever authentication result ' + 'it claims',
    async () => {
      const fields = {
        From: agent.email,
        To: service.inboxAddress,
        'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example; dkim=pass header.d=agents.example`,
      }
      for (const to of [service.inboxAddress, service.replyAddress]) {
        const response = await fetch(
          `${service.url}${path}?sender=${agent.email}&recipient=${encodeURIComponent(to)}`,
          {
            method: 'POST',
            headers: { 'content-type': 'message/rfc822', api_access_token: service.token },
            body: mail({ ...fields, To: to }, freshWords()) as never,
          },
        )
        const body = (await response.json()) as {
          status: string
          message_db_id: number | null
          trace: { outcome: string }[]
        }
        expect(body.trace.map(({ outcome }) => outcome)).not.toContain('verified')
        const rows = await service.sql<{ message_type: string }>('select message_type from messages where id = $1', [
          body.message_db_id,
        ])
        expect(rows.map(({ message_type: type }) => type)).not.toContain('outgoing')
      }
    },
  )

  test('a submitted mail reaches only the account of its submitter', async () => {
    const rows = await service.sql<{ id: number }>(
      `insert into accounts (name, domain, features) values ('Other', $1, '{inbound_emails}') returning id`,
      [`${freshId().slice(0, 8)}.example`.toLowerCase()],
    )
    const foreign = `${freshWords()}@other.example`.toLowerCase()
    await service.sql(
      `
        with ch as (
          insert into channels (account_id, channel_type, email) values ($1, 'Channel::Email', $2) returning id
        )
        insert into inboxes (account_id, channel_id, name) select $1, id, 'Other' from ch
      `,
      [rows[0]?.id, foreign],
    )
    for (const to of [[foreign], [service.inboxAddress, foreign]]) {
      const json = { from: 'a@x.example', to, subject: 'S', text: 'T' }
      expect((await service.api('POST', `${path}/compose`, json)).status).toBe(422)
    }
    expect(await service.sql('select 1 from inbound_emails where $1 = any(recipients)', [foreign])).toEqual([])
  })
})
