// An agent who works by mail: a conversation of a customer, the notice about it, and the reply address that is the
// agent's alone.

import { freshWords, mail, type SentMail } from './mail.ts'
import { addAgent, addCorrespondence } from './people.ts'
import type { Service } from './service.ts'
import { until } from './until.ts'

export interface NotifiedAgent {
  readonly agent: string
  readonly userId: number
  readonly place: Awaited<ReturnType<typeof addCorrespondence>>
  readonly notice: SentMail
  readonly agentAddress: string
}

let count = 0

/**
 * An agent of agents.example, to whom a conversation of a customer of example.com is assigned, and who has had a
 * notice about it.
 */
export async function addNoticedAgent(service: Service): Promise<NotifiedAgent> {
  const number = String(++count)
  const agent = `ann${number}@agents.example`
  const userId = await addAgent(service, agent)
  const place = await addCorrespondence(service, `jane${number}@example.com`)
  await service.sql('update conversations set assignee_id = $2 where id = $1', [place.id, userId])
  const words = freshWords()
  await service.deliver(mail({ From: place.email, To: place.replyAddress }, words), { to: place.replyAddress })
  const notice = await until('the notice', async () =>
    (await service.outbox()).find(({ recipients, text }) => recipients.includes(agent) && text.includes(words)),
  )
  return { agent, userId, place, notice, agentAddress: notice.address('Reply-To') }
}
