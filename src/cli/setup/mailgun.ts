// The route at Mailgun that forwards the mail of a domain to us as it is (to a path that ends in `mime`), through
// mailgun.js.

import Mailgun from 'mailgun.js'

import { CommandError } from '../client.ts'
import { type Change, type SetupRequest, withoutPassword } from './plan.ts'

const description = 'Rethread: inbound mail'
const pageSize = 100

/** The route is the one with our expression: made when there is none, changed when it leads elsewhere. */
export async function plan({ url, domain, apiKey, api }: SetupRequest): Promise<readonly Change[]> {
  const { routes } = new Mailgun(FormData).client({
    username: 'api',
    key: apiKey,
    ...(api === null ? {} : { url: api }),
  })
  const wanted = {
    priority: 0,
    description,
    expression: `match_recipient(".*@${domain}")`,
    action: [`forward("${url}/mime")`, 'stop()'],
  }
  const known = await listAll(routes).catch((error: unknown) => {
    throw new CommandError(`Mailgun says: ${error instanceof Error ? error.message : String(error)}`, 69)
  })
  const own = known.find(({ expression }) => expression === wanted.expression)
  if (own === undefined)
    return [
      {
        what: `create the route ${wanted.expression} → ${wanted.action.join(', ')}`,
        action: () => routes.create(wanted),
      },
    ]
  if (wanted.action.every((action) => own.actions.includes(action))) return []
  return [
    {
      what:
        `change the route ${own.expression} from ${withoutPassword(own.actions.join(', '))} to ` +
        wanted.action.join(', '),
      action: () => routes.update(own.id, wanted),
    },
  ]
}

type Routes = ReturnType<Mailgun['client']>['routes']

async function listAll(routes: Routes) {
  const all: Awaited<ReturnType<Routes['list']>> = []
  for (;;) {
    const page = await routes.list({ limit: pageSize, skip: all.length })
    all.push(...page)
    if (page.length < pageSize) return all
  }
}
