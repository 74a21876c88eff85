// Mail that needs a person: who sees it, what they may do with it, and that each action can be taken back.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { hashToken } from '../../src/conversations/people/access-tokens.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { listenAt } from '../support/event-stream.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAccount, addAgent, addConversation } from '../support/people.ts'
import { type InboundEmail, type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

describeOnEitherDatabase('mail that needs a person', (member) => {
  let service: Service
  let agent: string
  let outsider: string
  const path = '/api/v1/accounts/1/inbound_emails'
  beforeAll(async () => {
    service = await startService({ on: member })
    agent = await tokenOf(await addAgent(service, 'gus@agents.example'))
    outsider = await tokenOf(await addAgent(service, 'olaf@agents.example'))
    await service.sql(
      `insert into inbox_members (inbox_id, user_id) select 1, id from users where email = 'gus@agents.example'`,
    )
  })
  afterAll(() => service.kill())

  const tokenOf = async (userId: number): Promise<string> => {
    const token = freshWords()
    await service.sql('insert into access_tokens (user_id, token_hash) values ($1, $2)', [userId, hashToken(token)])
    return token
  }
  /** A mail of a stranger who answers a conversation of inbox 1 and addresses no inbox. */
  const hold = async (from = `${freshWords()}@stranger.example`, words = freshWords()): Promise<InboundEmail> => {
    const id = freshId()
    const first = mail({ From: 'carla@customer.example', To: service.inboxAddress, 'Message-ID': `<${id}>` })
    expect((await service.deliver(first, { to: service.inboxAddress })).status).toBe('delivered')
    const to = `x@${service.replyAddress.split('@')[1] ?? ''}`
    const answer = mail({ From: from, To: to, Subject: 'Re: order', 'In-Reply-To': `<${id}>` }, words)
    const held = await service.deliver(answer, { to })
    expect([held.status, held.reason]).toEqual(['held', 'thread-other-sender'])
    return held
  }
  const ask = (method: string, id: number, action = '', body?: unknown, token = agent) =>
    service.api(method, `${path}/${String(id)}${action}`, body, token)

  test('an agent sees and files mail of accessible inboxes; others get 404', async () => {
    const held = await hold()
    expect((await ask('GET', held.id)).body).toMatchObject({ id: held.id, inbox_id: 1, trace: expect.any(Array) })
    expect((await ask('GET', held.id, '', undefined, outsider)).status).toBe(404)
    expect((await service.api('GET', path, undefined, outsider)).body.payload).toEqual([])
    expect((await service.api('GET', `${path}/meta`, undefined, outsider)).body.meta.held_count).toBe(0)
    expect((await ask('GET', held.id, '/raw')).status).toBe(401)
    const { displayId } = await addConversation(service, `${freshWords()}@customer.example`)
    const filed = await ask('POST', held.id, '/file', { conversation_id: displayId })
    expect(filed.body).toMatchObject({ status: 'delivered', reason: 'filed-by-hand', conversation_id: displayId })
    expect((await ask('DELETE', held.id, '/file')).body).toMatchObject({
      status: 'held',
      reason: 'taken-back',
      inbox_id: 1,
    })
  })

  test('an agent cannot file into a conversation without access', async () => {
    const held = await hold()
    const inboxId = await service.sql<{ id: number }>(
      `with ch as (insert into channels (account_id, channel_type, email) values (1, 'Channel::Email', $1) returning id)
       insert into inboxes (account_id, channel_id, name) select 1, id, 'Secret' from ch returning id`,
      [`${freshWords()}@shop.example`],
    )
    const secret = inboxId[0]?.id ?? 0
    const { displayId } = await addConversation(service, `${freshWords()}@customer.example`, { inboxId: secret })
    expect((await ask('POST', held.id, '/file', { conversation_id: displayId })).status).toBe(404)
    expect((await ask('POST', held.id, '/open', { inbox_id: secret })).status).toBe(422)
    expect((await ask('GET', held.id)).body.status).toBe('held')
  })

  test('a conversation is created for the author of the mail, and deleted when filing is undone', async () => {
    const from = `${freshWords()}@stranger.example`
    const held = await hold(from)
    const opened = (await ask('POST', held.id, '/open')).body
    expect(opened).toMatchObject({ status: 'delivered', reason: 'opened-by-hand', inbox_id: 1 })
    const conversation = `/api/v1/accounts/1/conversations/${String(opened.conversation_id)}`
    expect((await service.api('GET', conversation)).body.meta.sender.email).toBe(from)
    expect((await ask('DELETE', held.id, '/open')).body).toMatchObject({ status: 'held', reason: 'taken-back' })
    expect((await service.api('GET', conversation)).status).toBe(404)
  })

  test('a created conversation stays once it has another message', async () => {
    const held = await hold()
    const { conversation_id: displayId } = (await ask('POST', held.id, '/open')).body
    await service.api('POST', `/api/v1/accounts/1/conversations/${String(displayId)}/messages`, { content: 'Hello' })
    const { status, body } = await ask('DELETE', held.id, '/open')
    expect([status, body.error]).toEqual([409, expect.stringContaining('Something else has happened')])
    expect((await ask('GET', held.id)).body.status).toBe('delivered')
  })

  test('of two simultaneous filings one is answered that the mail is delivered', async () => {
    const held = await hold()
    const places = await Promise.all([1, 2].map(() => addConversation(service, `${freshWords()}@customer.example`)))
    const answers = await Promise.all(
      places.map(({ displayId }) => ask('POST', held.id, '/file', { conversation_id: displayId })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const rows = await service.sql('select 1 from messages where inbound_email_id = $1', [held.id])
    expect(rows).toHaveLength(1)
  })

  test('discarded mail shows when its raw message expires, and is restored unchanged', async () => {
    const held = await hold()
    const discarded = (await ask('POST', held.id, '/discard')).body
    expect(discarded).toMatchObject({ status: 'ignored', reason: 'discarded' })
    const days = (discarded.incinerates_at - discarded.received_at) / 86_400
    expect(Math.round(days)).toBe(180)
    expect((await ask('POST', held.id, '/discard')).status).toBe(409)
    expect((await ask('DELETE', held.id, '/discard')).body).toMatchObject({
      status: 'held',
      reason: 'thread-other-sender',
    })
    expect((await ask('DELETE', held.id, '/discard')).status).toBe(409)
  })

  test('mail of a blocked sender is ignored with that reason until the block is undone', async () => {
    const from = `${freshWords()}@pest.example`
    const held = await hold(from)
    expect((await ask('POST', held.id, '/block')).body).toMatchObject({ status: 'ignored', reason: 'blocked-sender' })
    const more = () => service.deliver(mail({ From: from, To: service.inboxAddress }), { to: service.inboxAddress })
    const next = await more()
    expect([next.status, next.reason]).toEqual(['ignored', 'blocked-sender'])
    expect(next.trace.at(-2)?.detail).toBe(`${from} is blocked in this account`)
    const { payload } = (await service.api('GET', '/api/v1/accounts/1/blocked_senders', undefined, agent)).body
    expect(payload[0]).toMatchObject({ address: from })
    expect((await ask('DELETE', held.id, '/block')).body).toMatchObject({
      status: 'held',
      reason: 'thread-other-sender',
    })
    expect((await more()).status).toBe('delivered')
    expect((await ask('POST', next.id, '/open')).body).toMatchObject({ status: 'delivered' })
  })

  test('a mail in the name of a member cannot block its sender', async () => {
    const held = await hold()
    await service.sql(`update inbound_emails set from_address = 'Gus@agents.example' where id = $1`, [held.id])
    const { status, body } = await ask('POST', held.id, '/block')
    expect([status, body.error]).toEqual([409, expect.stringContaining('is an address of your account')])
    expect(await service.sql(`select 1 from blocked_senders where address = 'gus@agents.example'`)).toEqual([])
  })

  test('mail of another account, and mail without an inbox, is not found by an agent', async () => {
    const { accountId, inboxId } = await addAccount(service, {
      domain: 'reply.other.example',
      inboxEmail: 'help@other.example',
    })
    const foreign = await service.deliver(mail({ From: 'a@b.example', To: 'help@other.example' }), {
      to: 'help@other.example',
    })
    const nobodys = await service.deliver(mail({ From: 'a@b.example' }), { to: 'x@nowhere.example' })
    const held = await hold()
    await service.sql('update inbound_emails set inbox_id = null where id = $1', [held.id])
    expect([accountId, inboxId].every((id) => id > 0)).toBe(true)
    for (const { id } of [foreign, nobodys, held])
      for (const [method, action] of [
        ['GET', ''],
        ['POST', '/replay'],
        ['POST', '/open'],
        ['POST', '/discard'],
        ['POST', '/block'],
      ] as const)
        expect([id, action, (await ask(method, id, action)).status]).toEqual([id, action, 404])
    expect((await service.api('GET', `${path}/${String(held.id)}`)).status).toBe(200)
  })

  test('streams send held mail and its result, to users with access only', async () => {
    const events = `${service.url}/api/v1/accounts/1/events`
    const mine = await listenAt(events, { api_access_token: agent })
    const theirs = await listenAt(events, { api_access_token: outsider })
    const held = await hold()
    await ask('POST', held.id, '/discard')
    const about = (heard: typeof mine.heard) => heard.filter(({ event }) => event.startsWith('inbound_email'))
    await until('both events', () => about(mine.heard).length >= 2)
    expect(about(mine.heard).map(({ event, data }) => [event, data.id, data.status, data.reason])).toEqual([
      ['inbound_email.held', held.id, 'held', 'thread-other-sender'],
      ['inbound_email.updated', held.id, 'ignored', 'discarded'],
    ])
    expect(about(theirs.heard)).toEqual([])
    mine.close()
    theirs.close()
  })

  test('the log is filtered by state, sender, id and time, and paged by cursor', async () => {
    const from = `${freshWords()}@stranger.example`
    const held = await hold(from)
    const found = async (query: string) =>
      ((await service.api('GET', `${path}?${query}`)).body.payload as InboundEmail[]).map(({ id }) => id)
    expect(await found(`sender=${from.toUpperCase()}`)).toEqual([held.id])
    expect(await found(`message_id=${encodeURIComponent(`<${held.message_id ?? ''}>`)}`)).toEqual([held.id])
    expect(await found('status=held,failed&ingress=relay')).toContain(held.id)
    expect(await found('status=delivered&status=ignored')).not.toContain(held.id)
    expect(await found(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([])
    const all: number[] = []
    let cursor: string | null = 'start'
    while (cursor !== null) {
      const page: { meta: { next_cursor: string | null }; payload: InboundEmail[] } = (
        await service.api('GET', `${path}?cursor=${cursor}`)
      ).body
      all.push(...page.payload.map(({ id }) => id))
      cursor = page.meta.next_cursor
    }
    expect(all).toEqual([...new Set(all)].sort((one, other) => other - one))
    expect((await service.api('GET', `${path}?cursor=x`)).status).toBe(422)
  })

  test('candidates have a reason, the same thread first, and include only accessible conversations', async () => {
    const from = `${freshWords()}@company-${freshWords()}.example`
    const held = await hold(from, 'About order AB-77123 and #4.')
    const named = await addConversation(service, `${freshWords()}@customer.example`)
    await service.sql(`update conversations set custom_attributes = '{"order": "AB-77123"}' where id = $1`, [named.id])
    const { payload } = (await ask('GET', held.id, '/candidates')).body
    expect(payload[0].reasons.map(({ code }: { code: string }) => code)).toContain('same-thread')
    expect(payload[0].score).toBeGreaterThan(0.8)
    const ordered = payload.find((one: any) => one.conversation_id === named.displayId)
    expect(ordered.reasons).toEqual([{ code: 'names-number', detail: 'ab-77123' }])
    // An inbox that the agent does not see.
    await service.sql(
      `
        with ch as (
          insert into channels (account_id, channel_type, email) values (1, 'Channel::Email', $1) returning id
        ),
        i as (insert into inboxes (account_id, channel_id, name) select 1, id, 'Hidden' from ch returning id)
        update conversations set inbox_id = (select id from i) where id = $2
      `,
      [`${freshWords()}@shop.example`, named.id],
    )
    const seen = (await ask('GET', held.id, '/candidates')).body.payload
    expect(seen.map((one: any) => one.conversation_id)).not.toContain(named.displayId)
    const all = (await service.api('GET', `${path}/${String(held.id)}/candidates`)).body.payload
    expect(all.map((one: any) => one.conversation_id)).toContain(named.displayId)
    expect((await ask('GET', held.id, '/candidates', undefined, outsider)).status).toBe(404)
  })

  test('the parsed parts of a mail are shown, without reply addresses', async () => {
    const secret = service.replyAddress
    const held = await hold(
      undefined,
      `New words.\r\n\r\nOn Tue, 2 Jan 2024 at 10:30, Shop <${secret}> wrote:\r\n> Where is it?\r\n\r\n-- \r\nJane`,
    )
    const answer = await ask('GET', held.id, '/parsed')
    expect(answer.body.segments.map(({ kind }: { kind: string }) => kind)).toEqual(['words', 'quotation', 'signature'])
    expect(answer.body.segments[0].text.trim()).toBe('New words.')
    expect(answer.body.headers[0].name).toBe('message-id')
    expect(answer.body.changed_since_stored).toBeNull()
    expect(answer.bytes.toString()).not.toContain(secret.split('@')[0])
    expect((await ask('GET', held.id, '/parsed', undefined, outsider)).status).toBe(404)
  })

  test('a message that differs from a new parse of its mail is shown beside it', async () => {
    const raw = mail({ From: `${freshWords()}@customer.example`, To: service.inboxAddress }, 'As of today.')
    const email = await service.deliver(raw, { to: service.inboxAddress })
    await service.sql(`update messages set content = 'As of then.' where inbound_email_id = $1`, [email.id])
    expect((await ask('GET', email.id, '/parsed')).body.changed_since_stored).toEqual({
      stored: 'As of then.',
      today: 'As of today.',
    })
  })

  test('an administrator submits a mail; it arrives as from an MTA, as unverified', async () => {
    const results = 'rethread.example; dmarc=pass header.from=customer.example'
    const raw = mail(
      { From: 'ann@customer.example', To: service.inboxAddress, 'Authentication-Results': results },
      'By hand.',
    )
    const at = `${path}?recipient[]=${encodeURIComponent(service.inboxAddress)}`
    const { body } = await service.api('POST', at, raw)
    expect(body).toMatchObject({ status: 'delivered', reason: 'new-conversation', ingress: 'api' })
    expect(body.trace.find(({ step }: { step: string }) => step === 'speaker').outcome).toBe('unverified')
    const fields = { from: 'ann@customer.example', to: [service.inboxAddress], subject: 'Composed', text: 'Hello' }
    expect((await service.api('POST', `${path}/compose`, fields)).body).toMatchObject({ subject: 'Composed' })
    expect((await service.api('POST', `${path}/compose`, { ...fields, to: ['nobody'] })).status).toBe(422)
    expect((await service.api('POST', `${path}/compose`, fields, agent)).status).toBe(401)
  })

  test('a mail for another account cannot be submitted', async () => {
    await addAccount(service, { domain: 'reply.third.example', inboxEmail: 'help@third.example' })
    const count = async () => (await service.sql('select id from inbound_emails')).length
    const before = await count()
    for (const to of ['help@third.example', 'nobody@nowhere.example']) {
      const { status } = await service.api('POST', `${path}/compose`, { from: 'a@b.example', to: [to], text: 'x' })
      expect(status).toBe(422)
    }
    expect(await count()).toBe(before)
  })

  test('a random message of the contact arrives for an administrator, if enabled', async () => {
    const { displayId } = await addConversation(service, `${freshWords()}@customer.example`)
    const at = `/api/v1/accounts/1/conversations/${String(displayId)}/random_message`
    expect((await service.api('GET', at)).body).toEqual({ enabled: true })
    expect((await service.api('GET', at, undefined, agent)).body).toEqual({ enabled: false })
    const { body } = await service.api('POST', at)
    expect(body).toMatchObject({ status: 'delivered', reason: 'reply-address', conversation_id: displayId })
    expect((await service.api('POST', at, undefined, agent)).status).toBe(401)
    await using off = await startService({ env: { RANDOM_MESSAGES: 'false' } })
    expect((await off.api('POST', '/api/v1/accounts/1/conversations/1/random_message')).status).toBe(404)
  })

  test('a trace has the end time of each step', async () => {
    const held = await hold()
    const { times } = (await ask('GET', held.id)).body
    const steps = [times.received, times.taken, times.read, times.judged, times.settled].map((at) => Date.parse(at))
    expect(steps.every((at) => Math.abs(at - Date.now()) < 60_000)).toBe(true)
  })
})
