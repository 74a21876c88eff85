// /profile: the user of the token, and changes to that user. Clients use GET to test a token.

import type { ProfileFields } from '../../conversations/agents/profile.ts'
import type { AccountStanding } from '../../conversations/agents/standing.ts'
import type { UserRow } from '../../conversations/people/access-tokens.ts'
import type { Ledger } from '../../ledger.ts'
import type { Caller } from '../access/auth.ts'
import { notFound, saved, unprocessable } from '../input/fault.ts'
import { choice, flag, object, recordId, text } from '../input/fields.ts'
import { presentProfile, profileShape } from '../present/profile.ts'
import { forCaller, type Given, type Route } from '../request/route.ts'
import type { TakePicture } from './pictures.ts'

const profileFields = {
  name: text,
  display_name: text,
  email: text,
  message_signature: text,
  ui_settings: object,
  custom_attributes: object,
}
const spec = { tag: 'Profile', under: 'profile' } as const
const answer = profileShape

export function profileRoutes(
  { users, profiles, accessTokens }: Pick<Ledger, 'users' | 'profiles' | 'accessTokens'>,
  takePicture: TakePicture,
): Route[] {
  const present = async (user: UserRow, token: string) =>
    presentProfile(user, token, await users.listMemberships(user.id))
  const stand = async (user: UserRow, accountId: number | undefined, standing: AccountStanding): Promise<void> => {
    if (accountId === undefined) throw unprocessable('param is missing or the value is empty: account_id')
    if (!(await profiles.stand(user.id, accountId, standing))) throw notFound()
  }
  return [
    forCaller('GET /profile', { tag: 'Profile', summary: 'Get the user of the token', answer }, async ({ caller }) =>
      present(caller.user, shownToken(caller)),
    ),
    forCaller(
      'UPDATE /profile',
      {
        ...spec,
        summary: 'Update the user of the token; a form may have a picture as `avatar`',
        takes: profileFields,
        files: true,
        answer,
      },
      async ({ caller, given, files }) =>
        present(
          saved(await profiles.updateProfile(caller.user, { ...fieldsOf(given), ...(await takePicture(null, files)) })),
          shownToken(caller),
        ),
    ),
    forCaller(
      'DELETE /profile/avatar',
      { tag: 'Profile', summary: "Delete the user's picture", answer },
      async ({ caller }) =>
        present(saved(await profiles.updateProfile(caller.user, { avatarUrl: null })), shownToken(caller)),
    ),
    forCaller(
      'POST /profile/availability',
      {
        ...spec,
        summary: "Set the user's availability in an account",
        takes: { account_id: recordId, availability: choice(['online', 'busy', 'offline']) },
        answer,
      },
      async ({ caller, given }) => {
        if (given.availability === undefined)
          throw unprocessable('param is missing or the value is empty: availability')
        await stand(caller.user, given.account_id, { availability: given.availability })
        return present(caller.user, shownToken(caller))
      },
    ),
    forCaller(
      'POST /profile/auto_offline',
      {
        ...spec,
        summary: 'Set whether the user is offline when no client is connected',
        takes: { account_id: recordId, auto_offline: flag },
        answer,
      },
      async ({ caller, given }) => {
        await stand(caller.user, given.account_id, { autoOffline: given.auto_offline ?? false })
        return present(caller.user, shownToken(caller))
      },
    ),
    forCaller(
      'UPDATE /profile/set_active_account',
      { ...spec, summary: 'Set the account that the user works in', takes: { account_id: recordId } },
      async ({ caller, given }) => {
        await stand(caller.user, given.account_id, { activeAt: new Date() })
        return undefined
      },
    ),
    forCaller(
      'POST /profile/reset_access_token',
      { tag: 'Profile', summary: 'Revoke all access tokens of the user; the new one is shown once', answer },
      async ({ caller }) => present(caller.user, await accessTokens.resetTokens({ userId: caller.user.id })),
    ),
  ]
}

// A program may read back the token it presented. A page never learns its cookie's value.
function shownToken({ token, session }: Caller): string {
  return session?.by === 'cookie' ? '' : token
}

function fieldsOf(given: Given<typeof profileFields>): ProfileFields {
  return {
    name: given.name,
    displayName: given.display_name,
    email: given.email,
    messageSignature: given.message_signature,
    uiSettings: given.ui_settings,
    customAttributes: given.custom_attributes,
  }
}
