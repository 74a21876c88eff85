// What people change of themselves: their name and signature, how they stand in an account, and in which they work.

import type { Db } from '../../db/client.ts'
import { isEmailAddress } from '../messages/new-message.ts'
import { toUserRow, type UserRow } from '../people/access-tokens.ts'
import type { Saved } from '../problem.ts'
import type { Availability, Json } from '../rows.ts'
import { defined, findProblems, isBlank, isLine, saveRecord, type Rule } from '../save.ts'

export interface ProfileFields {
  readonly name?: string | null | undefined
  /** Blank or null: they go by their name. */
  readonly displayName?: string | null | undefined
  readonly email?: string | null | undefined
  readonly messageSignature?: string | null | undefined
  readonly uiSettings?: Json | undefined
  /** Merged into what is there. */
  readonly customAttributes?: Json | undefined
}

/** How someone stands in an account of theirs. */
export interface Standing {
  readonly availability?: Availability | undefined
  readonly autoOffline?: boolean | undefined
  /** They begin to work in it. */
  readonly activeAt?: Date | undefined
}

const maxJson = 65_536

const rules: readonly Rule<ProfileFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  ['display_name', 'is invalid', ({ displayName }) => !isLine(displayName)],
  ['email', 'is invalid', ({ email }) => email !== undefined && !isEmailAddress(email ?? '')],
  ['message_signature', 'is too long (maximum is 20000 characters)', ({ messageSignature }) => (messageSignature ?? '').length > 20_000],
  ['ui_settings', 'is too long', ({ uiSettings }) => JSON.stringify(uiSettings ?? {}).length > maxJson],
  ['custom_attributes', 'is too long', ({ customAttributes }) => JSON.stringify(customAttributes ?? {}).length > maxJson],
]

export function createProfiles(db: Db) {
  return {
    async updateProfile(user: UserRow, given: ProfileFields): Promise<Saved<UserRow>> {
      const fields = { ...given, email: given.email?.trim().toLowerCase(), displayName: isBlank(given.displayName) ? null : given.displayName }
      const { uiSettings, customAttributes, name, ...columns } = fields
      const attributes = customAttributes === undefined ? {} : { customAttributes: { ...user.customAttributes, ...customAttributes } as object }
      const data = { ...defined({ ...columns, name: name ?? undefined }), ...(uiSettings === undefined ? {} : { uiSettings: uiSettings as object }), ...attributes }
      return saveRecord({ problems: findProblems(rules, fields), unique: 'email' }, async () => toUserRow(await db.user.update({ where: { id: user.id }, data })))
    },

    /** False: the account is not theirs. */
    async stand(userId: number, accountId: number, standing: Standing): Promise<boolean> {
      const { count } = await db.accountUser.updateMany({ where: { userId, accountId }, data: defined(standing) })
      return count > 0
    },
  }
}
