// A sign-in with the right password that still needs the second factor: a token stands for it, for some minutes.

import { type Pool, withDeadlockRetry } from '../../db/pool.ts'
import { consumeLink, createLink, findLink } from '../links/one-time-links.ts'
import { type Device, type NewSession, openSession } from './sessions.ts'

const minutes = 5

export function createPendingSignIns({ pool }: { readonly pool: Pool }) {
  return {
    createPendingSignIn: (userId: number): Promise<string> =>
      createLink(pool, {
        purpose: 'second-factor',
        subjectId: userId,
        email: '',
        accountId: null,
        expiresAt: new Date(Date.now() + minutes * 60_000),
      }),

    /** The user of a pending sign-in; null = none any more. */
    async findPendingSignIn(token: string): Promise<{ readonly userId: number } | null> {
      const link = await findLink(pool, token)
      return link?.purpose === 'second-factor' ? { userId: link.subjectId } : null
    },

    /** Begins the session, once. Call it after the second factor was verified. */
    finishPendingSignIn: (token: string, device: Device): Promise<NewSession | null> =>
      withDeadlockRetry(pool, async (tx) => {
        const link = await consumeLink(tx, token, ['second-factor'])
        return link === null ? null : openSession(tx, { userId: link.subjectId, beganBy: 'password' }, device)
      }),
  }
}
