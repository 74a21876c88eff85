// Actions of installation administrators: on accounts (list, create, suspend, delete) and on people (create them, issue
// tokens, add them to accounts).

import type { Db } from '../../db/client.ts'
import { type Pool, withDeadlockRetry } from '../../db/pool.ts'
import { isEmailAddress } from '../../mail/address.ts'
import { type Problem, type Saved, taken } from '../records/problem.ts'
import { toAccountRow } from '../records/row-mapping.ts'
import type { AccountRow } from '../records/rows.ts'
import { defined, findProblems, isBlank, isLine, type Rule, saveRecord } from '../records/save.ts'
import { toUserRow, type UserRow } from './access-tokens.ts'
import { deleteAccount } from './delete-account.ts'
import { deleteUser, isLastAdministrator, lastAdministrator } from './delete-user.ts'
import { defaultFeatures } from './first-start.ts'
import { findAddressProblem, setAddress } from './user-address.ts'

export interface UserFields {
  readonly name?: string | null | undefined
  readonly displayName?: string | null | undefined
  readonly email?: string | null | undefined
  readonly installationAdministrator?: boolean | undefined
}

const userRules: readonly Rule<UserFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  ['display_name', 'is invalid', ({ displayName }) => !isLine(displayName)],
  ['email', 'is invalid', ({ email }) => email !== undefined && !isEmailAddress(email ?? '')],
]

interface Deps {
  readonly db: Db
  readonly pool: Pool
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
}

export function createInstallation(sql: Deps) {
  return { ...accountsOf(sql), ...usersOf(sql) }
}

function accountsOf({ db, pool }: { readonly db: Db; readonly pool: Pool }) {
  return {
    listAccounts: async (): Promise<AccountRow[]> =>
      (await db.account.findMany({ orderBy: { id: 'asc' } })).map(toAccountRow),
    findAccount: async (id: number): Promise<AccountRow | null> => {
      const record = await db.account.findUnique({ where: { id } })
      return record === null ? null : toAccountRow(record)
    },
    /** A new account that may receive mail, with its first administrator. */
    createAccount: async (account: {
      readonly name: string
      readonly administratorId: number
    }): Promise<AccountRow> => {
      const record = await db.account.create({
        data: {
          name: account.name,
          features: [...defaultFeatures],
          accountUsers: { create: { userId: account.administratorId, role: 'administrator' } },
        },
      })
      return toAccountRow(record)
    },
    setStatus: async (id: number, status: 'active' | 'suspended'): Promise<void> => {
      await db.account.update({ where: { id }, data: { status } })
    },
    deleteAccount: (id: number): Promise<void> => deleteAccount(pool, id),
  }
}

function usersOf(deps: Deps) {
  const { db, pool, replyDomain } = deps
  return {
    listUsers: async (): Promise<UserRow[]> => (await db.user.findMany({ orderBy: { id: 'asc' } })).map(toUserRow),
    findUser: async (id: number): Promise<UserRow | null> => {
      const record = await db.user.findUnique({ where: { id } })
      return record === null ? null : toUserRow(record)
    },
    createUser: async (given: UserFields): Promise<Saved<UserRow>> => {
      const fields = { ...given, email: given.email?.trim().toLowerCase() ?? '' }
      const name =
        isBlank(given.name) || given.name === undefined ? (fields.email.split('@')[0] ?? '') : (given.name ?? '').trim()
      const own = {
        name,
        displayName: given.displayName ?? null,
        type: given.installationAdministrator === true ? 'SuperAdmin' : null,
        confirmedAt: new Date(),
      }
      const problems = await validate(pool, { ...fields, name }, replyDomain)
      return saveRecord({ problems, unique: 'email' }, async () => {
        // A person was invited under this address and has not accepted: the invitations stay as they are.
        const invited = await db.user.updateManyAndReturn({
          where: { email: fields.email, confirmedAt: null },
          data: own,
        })
        return toUserRow(invited[0] ?? (await db.user.create({ data: { ...own, email: fields.email } })))
      })
    },
    updateUser: async (user: UserRow, given: UserFields): Promise<Saved<UserRow>> => {
      if (given.installationAdministrator === false && (await isLastAdministrator(pool, user)))
        return { problems: [lastAdministrator] }
      const { installationAdministrator, name, email, ...rest } = given
      const type =
        installationAdministrator === undefined ? {} : { type: installationAdministrator ? 'SuperAdmin' : null }
      const data = { ...defined({ ...rest, name: name?.trim() }), ...type }
      const problems = await readdress(deps, user, { ...given, email: email?.trim().toLowerCase() })
      if (problems.length > 0) return { problems }
      return { saved: toUserRow(await db.user.update({ where: { id: user.id }, data })) }
    },
    deleteUser: (user: UserRow): Promise<Saved<null>> => deleteUser(pool, user),
  }
}

// Validates all given fields, and sets the address, confirmed by the caller. Returns the problems; nothing is changed
// then.
async function readdress({ pool, replyDomain }: Deps, user: UserRow, given: UserFields): Promise<Problem[]> {
  const email = given.email === user.email ? undefined : given.email
  const problems = await validate(pool, { ...given, email }, replyDomain)
  if (problems.length > 0 || typeof email !== 'string') return problems
  const isSet = await withDeadlockRetry(pool, (tx) => setAddress(tx, { userId: user.id, email }))
  return isSet ? [] : [taken('email')]
}

async function validate(pool: Pool, fields: UserFields, replyDomain: string): Promise<Problem[]> {
  const problems = findProblems(userRules, fields)
  if (problems.length > 0 || typeof fields.email !== 'string') return problems
  const problem = await findAddressProblem(pool, fields.email, replyDomain)
  return problem === null ? [] : [problem]
}
