// One signed POST to a receiver: for deliveries (post-delivery.ts), and for a test, which is not stored.

import { randomUUID } from 'node:crypto'

import { toMailError } from '../../errors.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import type { Attempt } from './outcome.ts'
import { signedHeaders } from './sign.ts'
import type { Target } from './target.ts'

export interface PostOnce {
  readonly post: GuardedPost
  readonly timeoutMs: number
}

/** Any 2xx is a success; all else is an attempt with an error. Never throws. */
export async function postOnce(
  { post, timeoutMs }: PostOnce,
  { body, deliveryId, target }: { readonly body: string; readonly deliveryId: string; readonly target: Target },
): Promise<Attempt> {
  const start = performance.now()
  const duration = (): number => Math.round(performance.now() - start)
  const headers = signedHeaders({
    secret: target.secret,
    body,
    deliveryId,
    timestamp: Math.floor(Date.now() / 1000),
  })
  try {
    const { status, excerpt, retryAfter } = await post(target.url, { body, headers, timeoutMs })
    const isFine = status >= 200 && status < 300
    return {
      status,
      excerpt,
      error: isFine ? null : `answered ${String(status)}`,
      durationMs: duration(),
      retryAfter,
      rests: status === 429 || status === 503,
    }
  } catch (error) {
    return {
      status: null,
      excerpt: null,
      error: toMailError(error).message,
      durationMs: duration(),
      retryAfter: null,
      rests: true,
    }
  }
}

/**
 * Posts `payload` once, under a new delivery id, whatever the state of the receiver; nothing is written down. Never
 * throws.
 */
export type PostTest = (target: Target, payload: object) => Promise<{ readonly id: string; readonly attempt: Attempt }>

export function createPostTest(options: PostOnce): PostTest {
  return async (target, payload) => {
    const id = randomUUID()
    return { id, attempt: await postOnce(options, { body: JSON.stringify(payload), deliveryId: id, target }) }
  }
}
