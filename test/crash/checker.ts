// Compares the answers that clients got with the stored mail: nothing is lost, doubled, altered or without a state.
// The verdict is a list of findings, empty when all is well, so that it can be shown to find what is planted.

import { messageIdOf, type Taken } from '../support/mail-server.ts'
import type { Service } from '../support/service.ts'
import type { Books, SentMail } from './clients.ts'

export interface Stored {
  readonly rows: ReadonlyMap<number, { readonly status: string; readonly reason: string | null }>
  /** By Message-ID: how many rows are there that are not siblings of another. */
  readonly roots: ReadonlyMap<string, number>
  /** By words: in how many messages, in how many conversations. */
  readonly messages: ReadonlyMap<string, { readonly messages: number; readonly conversations: number }>
  readonly balance: Readonly<Record<string, number>>
  readonly work: number
}

/** What is in the database, and the balance as /metrics shows it. */
export async function readStored(service: Service): Promise<Stored> {
  const rows = await service.sql<{ id: number; status: string; reason: string | null }>(
    'select id, status, reason from inbound_emails',
  )
  const roots = await service.sql<{ message_id: string; n: number }>(
    'select message_id, count(*)::int as n from inbound_emails where parent_id is null group by 1',
  )
  const messages = await service.sql<{ content: string; n: number; places: number }>(
    `
      select content, count(*)::int as n, count(distinct conversation_id)::int as places
      from messages
      where content ~ '^(answer-)?words-'
      group by 1
    `,
  )
  const [work] = await service.sql<{ n: number }>('select count(*)::int as n from work')
  const [balance] = await service.sql<Record<string, number>>('select * from conservation')
  return {
    rows: new Map(rows.map(({ id, ...row }) => [id, row])),
    roots: new Map(roots.map(({ message_id: id, n }) => [id, n])),
    messages: new Map(
      messages.map(({ content, n, places }) => [content.trim(), { messages: n, conversations: places }]),
    ),
    balance: balance ?? {},
    work: work?.n ?? -1,
  }
}

const ends = ['delivered', 'held', 'ignored', 'failed']

/** What is wrong with the mail that came in. */
export function findWrong({ mails }: Books, stored: Stored): string[] {
  const { accepted = -1, unaccounted = -1, ...states } = stored.balance
  const sum = Object.values(states).reduce((all, count) => all + count, 0)
  const balance =
    accepted === stored.rows.size && accepted === sum && unaccounted === 0
      ? []
      : [`out of balance: ${JSON.stringify(stored.balance)} of ${String(stored.rows.size)} rows`]
  return [
    ...balance,
    ...mails.flatMap((sent) => findWrongMail(sent, stored).map((finding) => `${sent.words}: ${finding}`)),
  ]
}

function findWrongMail(sent: SentMail, stored: Stored): string[] {
  const found = stored.messages.get(sent.words) ?? { messages: 0, conversations: 0 }
  const roots = stored.roots.get(sent.messageId) ?? 0
  if (sent.ids.size === 0)
    return found.messages > sent.copies || roots > 1
      ? ['doubled, although no client got an answer that it is stored']
      : []
  const findings: string[] = []
  const rows = [...sent.ids].map((id) => stored.rows.get(id))
  if (sent.ids.size > 1) findings.push(`acknowledged under ${String(sent.ids.size)} ids`)
  if (rows.some((row) => row === undefined)) findings.push('lost: acknowledged, and not there')
  else if (rows.some((row) => !ends.includes(row?.status ?? '') || row?.reason === null)) findings.push('has no end')
  else if (sent.copies === 0 && rows.some((row) => row?.status !== 'held')) findings.push('is not held')
  if (roots > 1) findings.push(`recorded ${String(roots)} times`)
  if (found.messages < sent.copies)
    findings.push(`lost: in ${String(found.messages)} of ${String(sent.copies)} conversations`)
  if (found.messages > sent.copies || found.conversations !== found.messages)
    findings.push(`doubled: ${String(found.messages)} messages in ${String(found.conversations)} conversations`)
  return findings
}

/** Mails whose octets are not those that were sent. */
export async function findAltered(service: Service, mails: readonly SentMail[]): Promise<string[]> {
  const left = mails.flatMap((sent) => [...sent.ids].map((id) => ({ id, sent })))
  const altered: string[] = []
  const compare = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const { raw, words } = one.sent
      const { status, bytes } = await service.api('GET', `/api/v1/inbound_emails/${String(one.id)}/raw`)
      if (status === 404) altered.push(`${words}: lost: no octets under ${String(one.id)}`)
      else if (status !== 200 || !bytes.equals(raw))
        altered.push(`${words}: altered (${String(status)}, ${String(bytes.length)} of ${String(raw.length)} octets)`)
    }
  }
  await Promise.all(Array.from({ length: 6 }, compare))
  return altered
}

/** What is wrong with the answers that should have left. `crashes` bounds how often one may have left. */
export function findWrongAnswers(
  { answers }: Books,
  stored: Stored,
  { taken, crashes }: { readonly taken: readonly Taken[]; readonly crashes: number },
): string[] {
  const words = new Map<string, Set<string>>()
  const ids = new Map<string, string[]>()
  for (const mail of taken) {
    const one = /answer-words-[\w-]+/.exec(mail.text)?.[0] ?? 'a mail without known words'
    const id = messageIdOf(mail) ?? ''
    words.set(id, (words.get(id) ?? new Set()).add(one))
    ids.set(one, [...(ids.get(one) ?? []), id])
  }
  const mixed = [...words].filter(([, said]) => said.size > 1).map(([id]) => `${id} stands on several mails`)
  return [
    ...(stored.work === 0 ? [] : [`${String(stored.work)} rows of work are left`]),
    ...mixed,
    ...answers.flatMap(({ words: one, id }) => {
      const left = ids.get(one) ?? []
      const written = stored.messages.get(one)?.messages ?? 0
      if (id !== null && written !== 1) return [`${one}: is ${String(written)} messages`]
      if (written > 1) return [`${one}: written ${String(written)} times`]
      if (left.length < written) return [`${one}: lost: has not left`]
      if (new Set(left).size > 1) return [`${one}: left under several Message-IDs`]
      return left.length > 1 + crashes ? [`${one}: left ${String(left.length)} times`] : []
    }),
  ]
}
