// Storage quotas of a request: of the visitor, of the client's network, and of the account that it is stored for. The
// size of the body counts. Over a quota the answer is 429 before any work; failed requests are not counted.

import type express from 'express'

import { clientAddressOf, type IsProxy, networkOf } from '../../http-client/client-address.ts'
import { isReading } from './leaving.ts'

type Key = `${'visitor' | 'network' | 'visitors' | 'account'}:${string}`

/** Counts bytes by the account or visitor for whom they are stored; app.ts provides it. */
export interface StoredBytes {
  /** Throws `MailError('over-quota')`. */
  readonly take: (keys: readonly Key[], bytes: number) => Promise<void>
  readonly giveBack: (keys: readonly Key[], bytes: number) => void
}

interface Storing {
  readonly http: express.Request
  /** The caller that the route identified. */
  readonly who: object
  readonly bytes: number
}

/** Runs the action within the quotas. Throws `MailError('over-quota')`, or what `action` throws. */
export async function storing<T>(
  { stored, isProxy }: { readonly stored: StoredBytes; readonly isProxy: IsProxy },
  { http, who, bytes }: Storing,
  action: () => Promise<T>,
): Promise<T> {
  const keys = bytes === 0 || isReading(http.path) ? [] : keysOf(who, clientAddressOf(http, isProxy))
  if (keys.length === 0) return action()
  await stored.take(keys, bytes)
  try {
    return await action()
  } catch (error) {
    stored.giveBack(keys, bytes)
    throw error
  }
}

interface Asker {
  readonly member?: { readonly account: { readonly id: number } }
  readonly inbox?: { readonly accountId: number }
  readonly visitor?: { readonly contactInbox: { readonly id: number } }
}

function keysOf({ member, inbox, visitor }: Asker, address: string): Key[] {
  if (member !== undefined) return [`account:${String(member.account.id)}`]
  if (inbox === undefined) return []
  return [
    `visitors:${String(inbox.accountId)}`,
    `network:${networkOf(address)}`,
    ...(visitor === undefined ? [] : [`visitor:${String(visitor.contactInbox.id)}` as const]),
  ]
}
