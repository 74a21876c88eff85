// Changes of the own profile: name, address and signature.

import { type Db, withLock } from '../../db/client.ts'
import { type Pool, withDeadlockRetry } from '../../db/pool.ts'
import { isEmailAddress } from '../../mail/address.ts'
import { toUserRow, type UserRow } from '../people/access-tokens.ts'
import { findAddressProblem, requestAddress, setAddress } from '../people/user-address.ts'
import { type Problem, type Saved, taken } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'
import { defined, findProblems, isBlank, isLine, isTooMuch, type Rule, saveRecord } from '../records/save.ts'
import { type AccountStanding, stand } from './standing.ts'

export interface ProfileFields {
  readonly name?: string | null | undefined
  /** Blank or null: their name is shown. */
  readonly displayName?: string | null | undefined
  readonly email?: string | null | undefined
  readonly messageSignature?: string | null | undefined
  readonly uiSettings?: Json | undefined
  /** Merged into the existing ones. */
  readonly customAttributes?: Json | undefined
  readonly avatarUrl?: string | null | undefined
}

const rules: readonly Rule<ProfileFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  ['display_name', 'is invalid', ({ displayName }) => !isLine(displayName)],
  ['email', 'is invalid', ({ email }) => email !== undefined && !isEmailAddress(email ?? '')],
  [
    'message_signature',
    'is too long (maximum is 20000 characters)',
    ({ messageSignature }) => (messageSignature ?? '').length > 20_000,
  ],
  ['ui_settings', 'is too long', ({ uiSettings }) => isTooMuch(uiSettings)],
  ['custom_attributes', 'is too long', ({ customAttributes }) => isTooMuch(customAttributes)],
]

interface Deps {
  readonly db: Db
  readonly pool: Pool
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
  /** Called after a commit that queued mail. */
  readonly wake: () => void
}

export function createProfiles(deps: Deps) {
  const { db, pool } = deps
  return {
    /**
     * Another address is pending until the link sent to it is opened; an administrator of the installation has it at
     * once.
     */
    async updateProfile(user: UserRow, given: ProfileFields): Promise<Saved<UserRow>> {
      const fields = {
        ...given,
        email: given.email?.trim().toLowerCase(),
        displayName: isBlank(given.displayName) ? null : given.displayName,
      }
      const { uiSettings, customAttributes: named, name, email, ...columns } = fields
      const customAttributes = named === undefined ? undefined : { ...user.customAttributes, ...named }
      const data = {
        ...defined({ ...columns, name: name ?? undefined }),
        ...(uiSettings === undefined ? {} : { uiSettings: uiSettings as object }),
      }
      const problems = findProblems(rules, { ...fields, customAttributes })
      const problem = problems.length > 0 || email === undefined ? null : await moveTo(deps, user, email)
      return saveRecord({ problems: problem === null ? problems : [problem], unique: 'email' }, () =>
        withLock(db, { table: 'users', id: user.id }, async (tx) => {
          const now = toUserRow(await tx.user.findUniqueOrThrow({ where: { id: user.id } }))
          const attributes =
            named === undefined ? {} : { customAttributes: { ...now.customAttributes, ...named } as object }
          return toUserRow(await tx.user.update({ where: { id: user.id }, data: { ...data, ...attributes } }))
        }),
      )
    },

    stand: (userId: number, accountId: number, standing: AccountStanding) =>
      stand(pool, { userId, accountId }, standing),
  }
}

async function moveTo({ pool, replyDomain, wake }: Deps, user: UserRow, email: string): Promise<Problem | null> {
  const problem = email === user.email ? null : await findAddressProblem(pool, email, replyDomain)
  if (problem !== null) return problem
  const claim = { userId: user.id, email }
  const refusal = await withDeadlockRetry(pool, async (tx) => {
    if (!user.installationAdministrator) return requestAddress(tx, claim)
    return (await setAddress(tx, claim)) ? null : taken('email')
  })
  wake()
  return refusal
}
