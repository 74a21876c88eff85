// An agent who begins conversations by mail: their address for new conversations in an inbox, asked for as they would.

import type { Service } from './service.ts'

export interface WritingAgent {
  readonly agent: string
  readonly userId: number
  readonly token: string
  /** For inbox 1. */
  readonly newAddress: string
}

let count = 0

/** An agent of agents.example who is a member of inbox 1. */
export async function addWritingAgent(service: Service): Promise<WritingAgent> {
  const agent = `writer${String(++count)}@agents.example`
  const { body } = await service.api('POST', '/api/v1/installation/accounts/1/account_users', {
    email: agent,
    name: `Wanda ${String(count)}`,
  })
  const [userId, token] = [Number(body.id), String(body.access_token)]
  await service.api('POST', '/api/v1/accounts/1/inbox_members', { inbox_id: 1, user_ids: [userId] })
  return { agent, userId, token, newAddress: await makeNewAddress(service, token) }
}

/** Makes the agent's address, or another one. */
export async function makeNewAddress(service: Service, token: string, inboxId = 1): Promise<string> {
  const path = `/api/v1/accounts/1/inboxes/${String(inboxId)}/new_conversation_address`
  const { status, body } = await service.api('POST', path, undefined, token)
  if (status !== 200) throw new Error(`POST ${path} was answered ${String(status)}`)
  return String(body.new_conversation_address)
}
