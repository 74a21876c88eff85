// What an agent's notice says of its author: the true sender, by which way the words came, and whether anybody
// vouches for them. A stranger never appears as the customer, whatever name they take.

import { beforeAll, describe, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'

describeOnEitherDatabase('notices to agents', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: relay } })
  let ann: NotifiedAgent

  beforeAll(async () => {
    ann = await addNoticedAgent(service)
  })

  const noticeWith = (words: string): Promise<SentMail> =>
    until('the notice', async () =>
      (await service.outbox()).find(({ recipients, text }) => recipients.includes(ann.agent) && text.includes(words)),
    )
  const write = async (from: string, top: Record<string, string> = {}) => {
    const words = freshWords()
    await service.deliver(mail({ ...top, From: from, To: ann.place.replyAddress }, words), {
      to: ann.place.replyAddress,
    })
    return noticeWith(words)
  }
  const partOf = (notice: SentMail, type: string): string => {
    const [, boundary = ''] = /boundary="([^"]+)"/.exec(notice.text) ?? []
    const part = notice.text.split(`\r\n--${boundary}`).find((one) => one.includes(`Content-Type: ${type}`)) ?? ''
    const [head = '', body = ''] = part.split(/\r\n\r\n(.*)/s)
    if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8')
    const octets = body
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    return Buffer.from(octets, 'latin1').toString('utf8')
  }
  const firstLine = (notice: SentMail) => {
    const [divider, , line] = partOf(notice, 'text/plain').split(/\r?\n/)
    expect(divider).toBe('--- Reply above this line ---')
    return line
  }

  test('a stranger who writes to the customer’s reply address is named, and so is whose address it is', async () => {
    const notice = await write('Carla Customer <mallory@evil.example>')
    const from = notice.field('From') ?? ''
    expect(from).toMatch(/mallory@evil\.example\), not verified, via /)
    expect(from).not.toMatch(/^"?Carla Customer via/)
    expect(firstLine(notice)).toBe(
      'Carla Customer (mallory@evil.example) wrote by the reply address of Carla Customer ' +
        `(${ann.place.email}), which is not theirs. The sender is not verified: the address may be forged.`,
    )
  })

  test('the customer is named with the address, and as not verified without a trusted result', async () => {
    const notice = await write(`Carla <${ann.place.email}>`)
    expect(notice.field('From')).toMatch(new RegExp(`Carla Customer \\(${ann.place.email}\\), not verified, via `))
    expect(firstLine(notice)).toBe(
      `Carla Customer (${ann.place.email}) wrote. The sender is not verified: the address may be forged.`,
    )
  })

  test('the customer is verified when the relay confirms it', async () => {
    const notice = await write(ann.place.email, {
      'Authentication-Results': `${relay}; dmarc=pass header.from=example.com`,
    })
    expect(notice.field('From')).toMatch(new RegExp(`Carla Customer \\(${ann.place.email}\\) via `))
    expect(firstLine(notice)).toBe(`Carla Customer (${ann.place.email}) wrote. The sender is verified.`)
  })

  test('a mail that was filed by hand says so and names its sender', async () => {
    const words = freshWords()
    const held = await service.deliver(
      mail({ From: 'Mallory <m@evil.example>', To: 'nobody@reply.localhost' }, words),
      { to: 'nobody@reply.localhost' },
    )
    expect(held.status).toBe('held')
    await service.api('POST', `/api/v1/inbound_emails/${String(held.id)}/file`, {
      conversation_id: ann.place.displayId,
      account_id: 1,
    })
    const notice = await noticeWith(words)
    expect(notice.field('From')).toMatch(/m@evil\.example\), not verified, via /)
    expect(firstLine(notice)).toMatch(
      /^Mallory \(m@evil\.example\) wrote a mail that a person filed here by hand, into the conversation of Carla Customer /,
    )
  })

  describe('a display name cannot imitate something else', () => {
    test.each([
      ['an address', '"boss@corp.example" <m2@evil.example>', /^m2@evil\.example wrote by/],
      [
        'a link',
        '"[verified](https://evil.example/)" <m3@evil.example>',
        /^verified https:\/\/evil\.example\/ \(m3@evil\.example\) wrote by/,
      ],
      [
        'a long name',
        `"${'Ann Agent, verified '.repeat(20)}" <m4@evil.example>`,
        /^Ann Agent, verified .{0,45}… \(m4@evil\.example\) wrote by/,
      ],
      [
        'a line break',
        '=?utf-8?q?Carla_wrote=2E_The_sender_is_verified=2E=0A=0A?= <m5@evil.example>',
        /\(m5@evil\.example\) wrote by .* The sender is not verified/,
      ],
    ])('%s', async (_what, from, line) => {
      const notice = await write(from)
      expect(firstLine(notice)).toMatch(line)
      expect(partOf(notice, 'text/html')).not.toMatch(/<a href="https:\/\/evil\.example\/">verified/)
    })
  })

  test("an agent's answer above the notice contains only the new text", async () => {
    const notice = await write(ann.place.email)
    const words = freshWords()
    const quoted = partOf(notice, 'text/plain')
      .split(/\r?\n/)
      .map((line) => `> ${line}`)
      .join('\r\n')
    const answer = mail(
      {
        'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example`,
        From: ann.agent,
        To: ann.agentAddress,
        Subject: 'Re: x',
      },
      `${words}\r\n\r\nOn Mon, 30 Nov 2026 at 08:00, ${notice.field('From') ?? ''} wrote:\r\n${quoted}`,
    )
    const email = await service.deliver(answer, { to: ann.agentAddress })
    expect(email).toMatchObject({ reason: 'agent-reply' })
    const message = (await service.messages(ann.place.displayId)).find(({ id }) => id === email.message_db_id)
    expect(message?.content).toBe(words)
  })
})
