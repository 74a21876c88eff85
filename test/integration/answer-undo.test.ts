// An agent's answer by mail waits, and the link that the agent is mailed stops it: no byte leaves before, the words
// come back, and the link does nothing for mail scanners, strangers, or after the answer has left. Mail leaves to a
// scripted server of the `smtp-server` package.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { freshWords, mail, readSent, type SentMail } from '../support/mail.ts'
import { startMailServer } from '../support/mail-server.ts'
import { acceptedId, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'

describe('an answer by mail, with AGENT_UNDO_SECONDS', () => {
  let server: Awaited<ReturnType<typeof startMailServer>>
  let service: Awaited<ReturnType<typeof startService>>
  let ann: NotifiedAgent

  const sent = (): SentMail[] =>
    server.tries.map(({ from, to, text }) =>
      readSent(
        Buffer.from(`Return-Path: <${from}>\r\n${to.map((one) => `X-Envelope-To: <${one}>\r\n`).join('')}${text}`),
      ),
    )
  const addAnn = () => addNoticedAgent({ ...service, outbox: () => Promise.resolve(sent()) })

  beforeAll(async () => {
    server = await startMailServer()
    service = await startService({
      env: { OUTBOUND_SMTP_URL: server.url, AUTHSERV_ID: relay, AGENT_UNDO_SECONDS: '600' },
    })
    ann = await addAnn()
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await server.stop()
  })

  const answer = async (body: string, { by = ann, dmarc = 'pass', subject = 'Re: hello' } = {}) =>
    service.settled(
      acceptedId(
        await service.smtp({
          from: by.agent,
          to: by.agentAddress,
          raw: mail(
            {
              From: `Ann <${by.agent}>`,
              To: by.agentAddress,
              Subject: subject,
              'Authentication-Results': `${relay}; dmarc=${dmarc} header.from=agents.example`,
            },
            body,
          ),
        }),
      ),
    )
  const toCustomer = (words: string, { place } = ann) =>
    sent().filter(({ recipients, text }) => recipients.includes(place.email) && text.includes(words))
  const confirmations = (words: string, { agent } = ann) =>
    sent().filter(({ recipients, text }) => recipients.includes(agent) && text.includes(words))
  const linkOf = ({ text }: SentMail) => {
    const code = /\/confirm\/([\w-]{43})/.exec(text.replaceAll('=3D', '='))?.[1]
    return `${service.url}/confirm/${code ?? ''}`
  }
  const confirmationOf = async (words: string, by = ann) => {
    const [found] = await until('the confirmation', () => {
      const mails = confirmations(words, by)
      return mails.length > 0 && mails
    })
    if (found === undefined) throw new Error('no confirmation')
    return found
  }
  const page = async (url: string, method: 'GET' | 'HEAD' | 'POST' = 'GET') => {
    const response = await fetch(url, { method })
    return { status: response.status, html: await response.text() }
  }
  // As if the time were over; then everything that may leave has left.
  const letTimePass = async () => {
    await service.sql(`update work set run_at = now() where run_at > now() and attempts = 0`)
    await until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  }
  const messageOf = async (id: number | null, { place } = ann) =>
    (await service.messages(place.displayId)).find((message) => message.id === id)

  test('is stopped by its link: nothing leaves, the words come back, and the conversation waits again', async () => {
    const words = freshWords()
    const [before] = await service.sql('select status, waiting_since from conversations where id = $1', [ann.place.id])
    expect(before).toMatchObject({ status: 'open', waiting_since: expect.any(Date) as Date })
    const email = await answer(`#label vip #resolve\r\n\r\n${words} <b>&`)
    const confirmation = await confirmationOf(words)
    expect(confirmation.recipients).toEqual([ann.agent])
    expect(confirmation.reversePath).toBe('')
    expect(confirmation.field('Auto-Submitted')).toBe('auto-replied')
    expect(confirmation.field('Subject')).toMatch(/^Your answer to .+ leaves at \d\d:\d\d:\d\d UTC$/)
    expect(confirmation.field('Reply-To')).toBeNull()
    expect(confirmation.text).not.toContain(ann.agentAddress)
    expect(confirmation.text).toContain('#label vip #resolve')
    expect(await messageOf(email.message_db_id)).toMatchObject({
      content_attributes: { delivery: { state: 'queued', send_at: expect.any(String) as string } },
    })

    // A mail scanner opens it.
    const link = linkOf(confirmation)
    expect((await page(link, 'HEAD')).status).toBe(200)
    for (const _time of [1, 2]) {
      const asked = await page(link)
      expect(asked.status).toBe(200)
      expect(asked.html).toContain('<button>Stop it</button>')
      expect(asked.html).not.toContain(words)
    }
    expect(await messageOf(email.message_db_id)).toMatchObject({ content: `${words} <b>&` })

    const stopped = await page(link, 'POST')
    expect(stopped.status).toBe(200)
    expect(stopped.html).toContain('Nothing was mailed.')
    expect(stopped.html).toContain(`<pre>${words} &#60;b&#62;&#38;</pre>`)
    expect(stopped.html).toContain('stay done: #label vip #resolve.')
    expect(stopped.html).toContain('But the conversation is open again')
    expect(stopped.html).toContain(`href="/app/accounts/1/conversations/${String(ann.place.displayId)}"`)
    const again = await page(link, 'POST')
    expect(again.html).toContain('was stopped')
    expect(again.html).not.toContain(words)
    expect((await page(link)).html).not.toContain('<button>')

    await letTimePass()
    expect(toCustomer(words)).toEqual([])
    expect(await messageOf(email.message_db_id)).toMatchObject({
      content: 'This message was deleted',
      content_attributes: { deleted: true, send_cancelled: true },
    })
    expect(
      await service.sql('select status, waiting_since, labels from conversations where id = $1', [ann.place.id]),
    ).toEqual([{ ...before, labels: ['vip'] }])
    expect(
      await service.sql('select content, mode from drafts where conversation_id = $1 and user_id = $2', [
        ann.place.id,
        ann.userId,
      ]),
    ).toEqual([{ content: `${words} <b>&`, mode: 'reply' }])
  })

  test('leaves when the time is over, and then the link says so and changes nothing', async () => {
    const words = freshWords()
    const notice = ann.notice.field('Subject') ?? ''
    const number = `[#${String(ann.place.displayId)}] `
    expect(notice).toContain(number)
    const email = await answer(words, { subject: `Re: ${notice}` })
    const link = linkOf(await confirmationOf(words))
    await letTimePass()
    // The subject that the customer knows, without the number of the notice.
    expect(toCustomer(words).map(({ field }) => field('Subject'))).toEqual([`Re: ${notice.replace(number, '')}`])
    expect(confirmations(words)).toHaveLength(1)
    const asked = await page(link)
    expect(asked).toMatchObject({ status: 200, html: expect.stringContaining('It has left') as string })
    expect(asked.html).not.toContain('<button>')
    const pressed = await page(link, 'POST')
    expect(pressed).toMatchObject({
      status: 409,
      html: expect.stringContaining('cannot be stopped any more') as string,
    })
    expect(await messageOf(email.message_db_id)).toMatchObject({
      content: words,
      content_attributes: { delivery: { state: 'sent' } },
    })
  })

  test('cannot be stopped by a link whose agent has left, and each link stops its own answer only', async () => {
    const ben = await addAnn()
    const [first, second] = [freshWords(), freshWords()]
    await answer(first)
    await answer(second, { by: ben })
    const links = { first: linkOf(await confirmationOf(first)), second: linkOf(await confirmationOf(second, ben)) }
    await service.sql('delete from account_users where user_id = $1', [ben.userId])
    expect((await page(links.second)).status).toBe(404)
    expect((await page(links.second, 'POST')).status).toBe(404)
    expect((await page(`${links.first.slice(0, -1)}_`, 'POST')).status).toBe(404)
    expect((await page(links.first, 'POST')).status).toBe(200)
    await letTimePass()
    expect(toCustomer(first)).toEqual([])
    expect(toCustomer(second, ben)).toHaveLength(1)
  })

  test('has a page in the language of its mail; that of an unknown link is in the language of the browser', async () => {
    const pageIn = async (url: string, accepted: string) =>
      (await fetch(url, { headers: { 'accept-language': accepted } })).text()
    const words = freshWords()
    await service.sql(`update accounts set locale = 'fr' where id = 1`)
    await answer(words)
    const link = linkOf(await confirmationOf(words))
    expect(await pageIn(link, 'ja')).toMatch(/^<!doctype html><html lang="fr">.*<button>L’arrêter<\/button>/s)
    await service.sql(`update users set ui_settings = '{"locale":"pt_BR"}' where id = $1`, [ann.userId])
    expect(await pageIn(link, 'ja')).toMatch(/<html lang="pt-BR">.*<button>Cancelar o envio<\/button>/s)
    const unknown = `${service.url}/confirm/${'x'.repeat(43)}`
    expect(await pageIn(unknown, 'fi, es;q=0.8')).toMatch(/<html lang="es">.*Enlace no válido/s)
    expect(await pageIn(unknown, 'fi')).toMatch(/<html lang="en">.*Link not valid/s)
    await service.sql(`update accounts set locale = 'en' where id = 1`)
    await service.sql(`update users set ui_settings = '{}' where id = $1`, [ann.userId])
    await letTimePass()
  })

  test('of a forged agent is held, and no link is mailed; notes and commands wait for nothing', async () => {
    const [forged, note] = [freshWords(), freshWords()]
    expect(await answer(forged, { dmarc: 'none' })).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
    await answer(`#private\r\n${note}`)
    await answer('#open')
    await until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
    expect(confirmations(forged)).toEqual([])
    expect(confirmations(note)).toEqual([])
    expect([...toCustomer(forged), ...toCustomer(note)]).toEqual([])
  })
})
