// Clients that know what they have sent and which answers they got: mail with unique ids over SMTP, LMTP and HTTP,
// answers through the API. What was not acknowledged is sent again, by any way, as a real MTA does.

import { freshId, freshWords } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import type { Service } from '../support/service.ts'
import type { Random } from './random.ts'

export interface SentMail {
  readonly words: string
  readonly messageId: string
  readonly raw: Buffer
  readonly from: string
  readonly to: readonly string[]
  /** In so many conversations it must be, once in each; 0 = it must be held, for people to see. */
  readonly copies: number
  /** What the acknowledgements named; empty = not acknowledged yet. */
  readonly ids: Set<number>
}

export interface Answer {
  readonly words: string
  /** The id of the message, when the API has said yes. */
  id: number | null
}

export interface Books {
  readonly mails: SentMail[]
  readonly answers: Answer[]
}

export interface Addresses {
  /** Reply addresses of two conversations of `from`. */
  readonly replies: readonly [string, string]
  readonly from: string
  readonly inbox: string
}

/** What all clients of all rounds share. */
export function createCorrespondence(random: Random, addresses: Addresses) {
  const books: Books = { mails: [], answers: [] }
  const returned: SentMail[] = []
  const fresh = (isHttp: boolean): SentMail => {
    const sent = writeMail(random, addresses, isHttp)
    books.mails.push(sent)
    return sent
  }
  const isFor = (isHttp: boolean) => (sent: SentMail) => isHttp || sent.copies > 0
  return {
    books,
    acknowledged: () => books.mails.filter(({ ids }) => ids.size > 0),
    /** Mail that came back unanswered first. Only HTTP accepts mail for unknown recipients. */
    next: (isHttp: boolean): SentMail => {
      const at = returned.findIndex(isFor(isHttp))
      return at < 0 ? fresh(isHttp) : (returned.splice(at, 1)[0] as SentMail)
    },
    giveBack: (sent: SentMail) => {
      returned.push(sent)
    },
    hasReturned: () => returned.length > 0,
  }
}
export type Correspondence = ReturnType<typeof createCorrespondence>

function writeMail(random: Random, { replies, from, inbox }: Addresses, isHttp: boolean): SentMail {
  const words = freshWords()
  const messageId = freshId()
  const dice = random.below(20)
  const chooseRecipients = () => {
    if (dice < 3) return { from: `${words}@customer.example`, to: [inbox], copies: 1 }
    if (dice < 7) return { from, to: [...replies], copies: 2 }
    if (dice < 9 && isHttp) return { from, to: ['nobody@elsewhere.example'], copies: 0 }
    return { from, to: [replies[dice % 2] ?? ''], copies: 1 }
  }
  const whom = chooseRecipients()
  const head = [
    `Message-ID: <${messageId}>`,
    `From: ${whom.from}`,
    `To: ${whom.to.join(', ')}`,
    'Subject: crash',
    'MIME-Version: 1.0',
  ]
  const octets = random.octets(random.below(25) === 0 ? 200_000 : random.below(2_000))
  const parts = [
    [
      ...head,
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      words,
      '--b',
      'Content-Type: application/octet-stream',
      'Content-Transfer-Encoding: 8bit',
      '',
      '',
    ].join('\r\n'),
    '\r\n--b--\r\n',
  ] as const
  return {
    words,
    messageId,
    raw: Buffer.concat([Buffer.from(parts[0]), octets, Buffer.from(parts[1])]),
    ...whom,
    ids: new Set(),
  }
}

// Enough to have several mails in every state at once, and little enough to look at each of them afterwards.
const pauseMs = 25
const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs))

/**
 * Sends until the service is gone: `clients` over each protocol, and one that answers through the API. Resolves when
 * all have noticed.
 */
export async function sendUntilDead(service: Service, correspondence: Correspondence, clients: number): Promise<void> {
  const each = (send: () => Promise<void>): Promise<void>[] => Array.from({ length: clients }, send)
  await Promise.all([
    ...each(() => overMail(service, correspondence, 'smtp')),
    ...each(() => overMail(service, correspondence, 'lmtp')),
    ...each(() => overHttp(service, correspondence)),
    answering(service, correspondence),
  ])
}

async function overMail(service: Service, correspondence: Correspondence, protocol: 'smtp' | 'lmtp'): Promise<void> {
  while (service.isRunning()) {
    const session = await openSession(service.ports[protocol], protocol)
    for (let isYes = true; isYes;) {
      await pause()
      const sent = correspondence.next(false)
      const { data } = await session.submit(sent)
      const ids = data.map((reply) => /^250 2\.0\.0 Ok: accepted as (\d+)$/.exec(reply)?.[1])
      isYes = ids.length === (protocol === 'smtp' ? 1 : sent.to.length) && ids.every((id) => id !== undefined)
      if (isYes) for (const id of ids) sent.ids.add(Number(id))
      else correspondence.giveBack(sent)
    }
    session.close()
  }
}

async function overHttp(service: Service, correspondence: Correspondence): Promise<void> {
  while (service.isRunning()) {
    await pause()
    const sent = correspondence.next(true)
    const answer = await service.relay(sent.raw, { from: sent.from, to: sent.to }).catch(() => null)
    if (answer?.status === 204) sent.ids.add(answer.id)
    else correspondence.giveBack(sent)
  }
}

// Not sent again: a program that gets no answer would have to look first.
async function answering(service: Service, { books }: Correspondence): Promise<void> {
  for (let conversation = 1; ; conversation = 3 - conversation) {
    await pause()
    const answer: Answer = { words: `answer-${freshWords()}`, id: null }
    books.answers.push(answer)
    const written = await service
      .api('POST', `/api/v1/accounts/1/conversations/${String(conversation)}/messages`, { content: answer.words })
      .catch(() => null)
    if (written?.status !== 200) return
    answer.id = Number(written.body.id)
  }
}
