// A notice has what an agent needs to answer; messages that come shortly after another share one; none comes while the
// agent reads in the browser, and none is lost: what waits is mailed later.

import { beforeAll, describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { addAgent, addCorrespondence } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'
import { until } from '../support/until.ts'

let count = 0

describe('notices to agents', () => {
  const service = useService({ env: { NOTICE_GROUP_SECONDS: '600' } })
  let ann: { id: number; email: string; token: string }
  let place: Awaited<ReturnType<typeof addCorrespondence>>

  const addMember = async () => {
    const email = `member${String(++count)}@agents.example`
    const id = await addAgent(service, email)
    await addInboxMembers(service, 1, [id])
    const token = freshWords()
    await service.sql(`insert into access_tokens (user_id, token_hash) values ($1, sha256(convert_to($2, 'UTF8')))`, [
      id,
      token,
    ])
    return { id, email, token }
  }
  const addPlace = async () => {
    const made = await addCorrespondence(service, `jane${String(++count)}@example.com`)
    await service.sql('update conversations set assignee_id = $2 where id = $1', [made.id, ann.id])
    return made
  }
  beforeAll(async () => {
    ann = await addMember()
    place = await addPlace()
  })

  const write = async (to = place, { body = '', ...top }: Record<string, string> = {}) => {
    const words = freshWords()
    const raw = mail({ From: `Jane <${to.email}>`, To: to.replyAddress, ...top }, body === '' ? words : body)
    await service.deliver(raw, { to: to.replyAddress })
    return words
  }
  const at = (path: string, { displayId } = place) => `/api/v1/accounts/1/conversations/${String(displayId)}/${path}`
  const plain = ({ bytes }: SentMail) =>
    bytes.toString('utf8').replace(/=\r\n/g, '').replaceAll('=C2=B7', '·').replaceAll('=3D', '=')
  const noticesTo = async ({ email }: { email: string }) =>
    (await service.outbox()).filter(({ recipients }) => recipients.includes(email))
  const noticeOf = (words: string, to = ann) =>
    until('the notice', async () => (await noticesTo(to)).find((notice) => plain(notice).includes(words)))
  const waiting = () => service.sql<{ key: string }>(`select key from work where key like 'later:%'`)
  // All work that is due is done; what waits stays.
  const quiet = () =>
    until('the end of what is due', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null and (run_at <= now() or attempts > 0)')
      return rows.length === 0
    })
  const letTimePass = async () => {
    await service.sql(`update reply_tokens set last_notice_at = last_notice_at - interval '1 hour'`)
    await service.sql(`update work set run_at = now() where key like 'later:%'`)
    await quiet()
  }

  test('a notice has the words before, the contact, the conversation, and harmless files', async () => {
    const [earlier, secret] = [freshWords(), freshWords()]
    await service.api('POST', at('messages'), { content: earlier })
    await service.api('POST', at('messages'), { content: secret, private: true })
    await service.api('POST', at('labels'), { labels: ['shipping'] })
    await service.api('POST', at('toggle_priority'), { priority: 'high' })
    await service.sql(
      `update contacts
       set
         additional_attributes = '{"company_name": "Example Ltd"}',
         custom_attributes = '{"plan": "gold", "nested": {}}'
       where id = $1`,
      [place.contactId],
    )
    const words = freshWords()
    const part = (name: string, type: string) =>
      `--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nwords of ${name}\r\n`
    await write(place, {
      'MIME-Version': '1.0',
      'Content-Type': 'multipart/mixed; boundary="b"',
      body:
        `--b\r\nContent-Type: text/plain\r\n\r\n${words}\r\n` +
        `${part('order.csv', 'text/csv')}${part('page.html', 'text/html')}` +
        `${part('run.exe', 'application/pdf')}--b--\r\n`,
    })
    const notice = await noticeOf(words)
    const text = plain(notice)
    expect(text).toContain(earlier)
    expect(text).toContain('Earlier in this conversation:')
    expect(text).not.toContain(secret)
    for (const row of [
      `Contact: Carla Customer (${place.email})`,
      'Company: Example Ltd',
      'plan: gold',
      'Other conversations: 0',
      'Status: open',
      'Labels: shipping',
      'Priority: high',
    ])
      expect(text).toContain(row)
    expect(text.match(/^Content-Disposition: attachment; filename=.*/gm)).toEqual([
      'Content-Disposition: attachment; filename=order.csv',
    ])
    for (const name of ['order.csv', 'page.html', 'run.exe']) expect(text).toContain(`- ${name}: http`)
    expect(text).not.toContain('words of page.html')
    expect(notice.address('Reply-To')).toMatch(/^reply\+[0-9a-f]{32}@/)
  })

  test('messages that come shortly after a notice share the next one', async () => {
    const other = await addPlace()
    const first = await write(other)
    await noticeOf(first)
    const later = [await write(other), await write(other)]
    await quiet()
    expect((await noticesTo(ann)).filter((notice) => later.some((words) => plain(notice).includes(words)))).toEqual([])
    expect(await waiting()).toHaveLength(1)
    await letTimePass()
    const [notice, ...more] = (await noticesTo(ann)).filter((one) => plain(one).includes(later[0] ?? ''))
    expect(more).toEqual([])
    expect(notice && plain(notice)).toContain(later[1])
    expect(notice && plain(notice)).toContain(`2 new messages in conversation ${String(other.displayId)}.`)
    expect(await waiting()).toEqual([])
  })

  test('an agent who reads in the browser gets no notice, and one who left before the message gets it later', async () => {
    const [read, left] = [await addPlace(), await addPlace()]
    for (const one of [read, left])
      expect((await service.api('POST', at('viewing', one), { viewing: true }, ann.token)).status).toBe(200)
    const words = { read: await write(read), left: await write(left) }
    await quiet()
    expect(await waiting()).toHaveLength(2)
    // The page is still open and visible, and says so again; the other was closed.
    await service.sql(
      `update conversation_viewers set expires_at = now() + interval '61 seconds' where conversation_id = $1`,
      [read.id],
    )
    await service.api('POST', at('viewing', left), { viewing: false }, ann.token)
    await letTimePass()
    await noticeOf(words.left)
    expect((await noticesTo(ann)).filter((notice) => plain(notice).includes(words.read))).toEqual([])
    expect(await waiting()).toEqual([])
  })

  test('beyond the notices of an hour, messages wait and come together', async () => {
    const other = await addPlace()
    await noticeOf(await write(other))
    await service.sql(
      `update reply_tokens
       set notice_count = 20, noticed_at = now(), last_notice_at = now() - interval '1 hour'
       where conversation_id = $1 and user_id = $2`,
      [other.id, ann.id],
    )
    const words = [await write(other), await write(other)]
    await quiet()
    expect(await waiting()).toHaveLength(1)
    await service.sql(`update reply_tokens set noticed_at = now() - interval '1 hour' where conversation_id = $1`, [
      other.id,
    ])
    await letTimePass()
    expect(plain(await noticeOf(words[0] ?? ''))).toContain(words[1])
  })

  test('a mention in a note is mailed to who is mentioned and sees it, unless muted for the inbox', async () => {
    const ben = await addMember()
    const outsider = { id: await addAgent(service, 'out@agents.example'), email: 'out@agents.example' }
    const mention = async (by = ann.token) => {
      const words = freshWords()
      const named = [ben, outsider, ann].map(({ id }) => `[@Name](mention://user/${String(id)}/Name)`).join(' ')
      expect(
        (await service.api('POST', at('messages'), { content: `${named} ${words}`, private: true }, by)).status,
      ).toBe(200)
      return words
    }
    const words = await mention()
    const text = plain(await noticeOf(words, { ...ben }))
    expect(text).toContain(`Gus Agent mentioned you in a private note of conversation ${String(place.displayId)}.`)
    expect(text).toContain('becomes a private note')
    expect(text).not.toContain('mention://')
    await quiet()
    for (const one of [ann, outsider])
      expect((await noticesTo(one)).filter((notice) => plain(notice).includes(words))).toEqual([])
    const muted = await service.api(
      'PATCH',
      '/api/v1/accounts/1/inboxes/1/notification_settings',
      { muted_email_flags: ['email_conversation_mention'] },
      ben.token,
    )
    expect(muted.body).toEqual({
      inbox_id: 1,
      user_id: ben.id,
      new_conversations: null,
      muted_email_flags: ['email_conversation_mention'],
    })
    const silent = await mention()
    await quiet()
    expect((await noticesTo(ben)).filter((notice) => plain(notice).includes(silent))).toEqual([])
  })
})
