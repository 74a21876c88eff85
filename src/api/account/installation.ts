// /installation/accounts and /doctor: for administrators of the installation, what otherwise takes a console (CONTRACT §4).
// 422 {message, attributes} names what is wrong; 401 for everybody else.

import type { Ledger } from '../../conversations/ledger.ts'
import type { AccountRow } from '../../conversations/rows.ts'
import { presentAccount } from '../present/account.ts'
import { found, saved, unprocessable } from '../request/fault.ts'
import { filledText, idOf, object, parseFields, text } from '../request/fields.ts'
import type { Parameters } from '../request/parameters.ts'
import { forInstallation, type Route } from '../request/route.ts'
import { changeFeatures } from './accounts.ts'

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

interface Deps {
  readonly ledger: Pick<Ledger, 'accounts' | 'installation'>
  /** Looks at everything that doctor looks at. */
  readonly examine: () => Promise<readonly Check[]>
}

const shape = { name: filledText, domain: text, status: filledText, features: object }
const accounts = '/installation/accounts'

export function installationRoutes({ ledger, examine }: Deps): Route[] {
  const find = async (id: string | undefined): Promise<AccountRow> => found(await ledger.installation.findAccount(idOf(id)))
  return [
    forInstallation('GET /doctor', async () => ({ checks: await examine() })),
    forInstallation(`GET ${accounts}`, async () => (await ledger.installation.listAccounts()).map(presentAccount)),
    forInstallation(`GET ${accounts}/:id`, async ({ params }) => presentAccount(await find(params['id']))),
    forInstallation(`POST ${accounts}`, async ({ fields, caller }) => {
      const { name, domain } = parseFields(shape, fields)
      if (name === undefined) throw unprocessable("name can't be blank")
      const account = await ledger.installation.createAccount({ name, administratorId: caller.user.id })
      return presentAccount(domain === undefined ? account : saved(await ledger.accounts.updateAccount(account, { domain })))
    }),
    forInstallation(`UPDATE ${accounts}/:id`, async ({ params, fields }) => {
      const account = await find(params['id'])
      return presentAccount(await change(ledger, account, fields))
    }),
  ]
}

async function change(ledger: Deps['ledger'], account: AccountRow, given: Parameters): Promise<AccountRow> {
  const { name, domain, status, features } = parseFields(shape, given)
  if (status !== undefined && status !== 'active' && status !== 'suspended') throw unprocessable('status must be active or suspended')
  const changed = saved(await ledger.accounts.updateAccount(account, { name, domain, ...(features === undefined ? {} : { features: changeFeatures(account.features, features) }) }))
  if (status === undefined) return changed
  await ledger.installation.setStatus(account.id, status)
  return { ...changed, status }
}
