// /installation/accounts, for administrators of the installation. 422 {message, attributes} names the problem; 401 for
// all others.

import type { AccountRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved, unprocessable } from '../input/fault.ts'
import { filledText, idOf, object, text as textField } from '../input/fields.ts'
import { accountShape, presentAccount } from '../present/account.ts'
import { listOf } from '../present/kinds.ts'
import { forInstallation, type Given, type Route } from '../request/route.ts'
import { changeFeatures } from './features.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'accounts' | 'installation'>
}

const accountFields = { name: filledText, domain: textField, status: filledText, features: object }
const accounts = '/installation/accounts'
const spec = { tag: 'Installation' } as const

export function installationRoutes({ ledger }: Deps): Route[] {
  const find = async (id: string | undefined): Promise<AccountRow> =>
    found(await ledger.installation.findAccount(idOf(id)))
  return [
    forInstallation(
      `GET ${accounts}`,
      { ...spec, summary: 'List all accounts', answer: listOf(accountShape) },
      async () => (await ledger.installation.listAccounts()).map(presentAccount),
    ),
    forInstallation(
      `GET ${accounts}/:id`,
      { ...spec, summary: 'Get an account', answer: accountShape },
      async ({ params }) => presentAccount(await find(params['id'])),
    ),
    forInstallation(
      `POST ${accounts}`,
      { ...spec, summary: 'Create an account', takes: { name: filledText, domain: textField }, answer: accountShape },
      async ({ given: { name, domain }, caller }) => {
        if (name === undefined) throw unprocessable("name can't be blank")
        const account = await ledger.installation.createAccount({ name, administratorId: caller.user.id })
        return presentAccount(
          domain === undefined ? account : saved(await ledger.accounts.updateAccount(account, { domain })),
        )
      },
    ),
    forInstallation(
      `UPDATE ${accounts}/:id`,
      { ...spec, summary: 'Update an account', takes: accountFields, answer: accountShape },
      async ({ params, given }) => {
        const account = await find(params['id'])
        return presentAccount(await change(ledger, account, given))
      },
    ),
    forInstallation(
      `DELETE ${accounts}/:id`,
      {
        ...spec,
        summary: 'Suspend an account; with its name as `confirm`, delete it permanently',
        takes: { confirm: filledText },
        answer: accountShape,
      },
      async ({ params, given }) => {
        const account = await find(params['id'])
        return presentAccount(await leave(ledger, account, given.confirm))
      },
    ),
  ]
}

async function leave(
  { installation }: Deps['ledger'],
  account: AccountRow,
  confirm: string | undefined,
): Promise<AccountRow> {
  if (confirm !== undefined && confirm !== account.name) throw unprocessable('confirm must be the name of the account')
  if (confirm === undefined) await installation.setStatus(account.id, 'suspended')
  else await installation.deleteAccount(account.id)
  return { ...account, status: 'suspended' }
}

async function change(
  ledger: Deps['ledger'],
  account: AccountRow,
  given: Given<typeof accountFields>,
): Promise<AccountRow> {
  const { name, domain, status, features } = given
  if (status !== undefined && status !== 'active' && status !== 'suspended')
    throw unprocessable('status must be active or suspended')
  const changed = saved(
    await ledger.accounts.updateAccount(account, {
      name,
      domain,
      ...(features === undefined ? {} : { features: changeFeatures(account.features, features) }),
    }),
  )
  if (status === undefined) return changed
  await ledger.installation.setStatus(account.id, status)
  return { ...changed, status }
}
