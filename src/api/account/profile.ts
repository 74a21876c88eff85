// GET /profile: the person behind the token. Clients use it to test one.

import type { Ledger } from '../../conversations/ledger.ts'
import { presentProfile, profileShape } from '../present/profile.ts'
import { forCaller, type Route } from '../request/route.ts'

export function profileRoutes(ledger: Pick<Ledger, 'users'>): Route[] {
  return [
    forCaller('GET /profile', { tag: 'Profile', summary: 'The person behind the token', answer: profileShape }, async ({ caller }) =>
      presentProfile(caller.user, caller.token, await ledger.users.listMemberships(caller.user.id)),
    ),
  ]
}
