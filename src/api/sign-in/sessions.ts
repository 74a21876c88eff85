// /profile/sessions: the caller's sessions, and how to end them; and login links for a command. Rethread's own; the
// shapes are in Chatwoot's style.

import { z } from 'zod'

import { loginMinutes } from '../../conversations/sign-in/login-links.ts'
import type { Ledger } from '../../ledger.ts'
import { linkTo } from '../../links.ts'
import { requireInstallationAdministrator } from '../access/auth.ts'
import { ApiFault, found, notFound } from '../input/fault.ts'
import { filledText, idOf } from '../input/fields.ts'
import { id, isoTime, named, payloadOf, text } from '../present/kinds.ts'
import { forCaller, type Route } from '../request/route.ts'

const sessionShape = named(
  'Session',
  z.object({
    id,
    created_at: isoTime,
    last_seen_at: isoTime,
    expires_at: isoTime,
    ip: text,
    user_agent: text,
    current: z.boolean(),
  }),
)
const madeLinkShape = named('NewLoginLink', z.object({ url: text, email: text, expires_at: isoTime }))
const spec = { tag: 'Profile' } as const
const path = '/profile/sessions'

interface Deps {
  readonly ledger: Pick<Ledger, 'sessions' | 'loginLinks'>
  readonly publicUrl: string
}

export function sessionRoutes({ ledger: { sessions, loginLinks }, publicUrl }: Deps): Route[] {
  return [
    forCaller(
      `GET ${path}`,
      { ...spec, summary: 'List where the user is signed in', answer: payloadOf(sessionShape) },
      async ({ caller }) => ({
        payload: (await sessions.listSessions(caller.user.id)).map((row) => ({
          id: row.id,
          created_at: row.createdAt,
          last_seen_at: row.lastSeenAt,
          expires_at: row.expiresAt,
          ip: row.ip,
          user_agent: row.userAgent,
          current: row.id === caller.session?.id,
        })),
      }),
    ),
    forCaller(`DELETE ${path}`, { ...spec, summary: 'End all other sessions of the user' }, async ({ caller }) => {
      await sessions.revokeOtherSessions(caller.user.id, caller.session?.id ?? null)
      return undefined
    }),
    forCaller(`DELETE ${path}/:id`, { ...spec, summary: 'End a session of the user' }, async ({ caller, params }) => {
      if (!(await sessions.revokeSession(caller.user.id, idOf(params['id'])))) throw notFound()
      return undefined
    }),
    forCaller(
      'POST /login_links',
      {
        ...spec,
        summary: 'Create a link that signs in once; for another user, as an administrator of the installation',
        takes: { email: filledText },
        answer: madeLinkShape,
      },
      async ({ caller, given: { email } }) => {
        // A link is in no list, so that a script in a page, or a person at an unlocked computer, cannot copy one.
        if (caller.session !== null) throw onlyByToken()
        const isOther = email !== undefined && email.trim().toLowerCase() !== caller.user.email
        if (isOther) requireInstallationAdministrator(caller)
        const who = isOther ? { email } : { userId: caller.user.id }
        const made = found(await loginLinks.createLoginLink(who, loginMinutes))
        return { url: linkTo(publicUrl, `/login/${made.code}`), email: made.email, expires_at: made.expiresAt }
      },
    ),
  ]
}

const onlyByToken = (): ApiFault =>
  new ApiFault('forbidden', { error: 'A session makes no login links. Use an access token, or have a link mailed.' })
