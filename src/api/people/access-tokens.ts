// /profile/access_tokens: the caller's own tokens, one for each program. Rethread's own: Chatwoot has one token for
// each person. Stored as hashes: a token is shown only in the answer that creates it.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { notFound, unprocessable } from '../input/fault.ts'
import { filledText, idOf } from '../input/fields.ts'
import { id, isoTime, maybeText, named, payloadOf, text } from '../present/kinds.ts'
import { forCaller, type Route } from '../request/route.ts'

const tokenFields = { id, name: maybeText, created_at: isoTime }
const listedShape = named('AccessToken', z.object({ ...tokenFields, current: z.boolean() }))
const newShape = named('NewAccessToken', z.object({ ...tokenFields, access_token: text }))
const spec = { tag: 'Profile' } as const
const path = '/profile/access_tokens'

export function accessTokenRoutes({ accessTokens }: Pick<Ledger, 'accessTokens'>): Route[] {
  return [
    forCaller(
      `GET ${path}`,
      { ...spec, summary: "List the user's access tokens, without their values", answer: payloadOf(listedShape) },
      async ({ caller }) => {
        const rows = await accessTokens.listTokens(caller.user.id, caller.token)
        return {
          payload: rows.map((row) => ({ id: row.id, name: row.name, created_at: row.createdAt, current: row.current })),
        }
      },
    ),
    forCaller(
      `POST ${path}`,
      {
        ...spec,
        summary: 'Create an access token, which is shown once',
        takes: { name: filledText },
        under: 'access_token',
        answer: newShape,
      },
      async ({ caller, given }) => {
        const name = given.name?.trim() ?? null
        if ((name ?? '').length > 255) throw unprocessable('name is too long (maximum is 255 characters)')
        const { token, row } = await accessTokens.createToken({ userId: caller.user.id }, name)
        return { id: row.id, name: row.name, created_at: row.createdAt, access_token: token }
      },
    ),
    forCaller(`DELETE ${path}/:id`, { ...spec, summary: 'Revoke an access token' }, async ({ caller, params }) => {
      if (!(await accessTokens.revokeToken(caller.user.id, idOf(params['id'])))) throw notFound()
      return undefined
    }),
  ]
}
