// The inbound domain of Mandrill and its route, by the API.

import { callApi, type Change, recordOf, recordsOf, type SetupRequest, withoutPassword } from './plan.ts'

const pattern = '*'

/** The domain is added when it is not there, the route `*` made, or led to us. */
export async function plan({ url, domain, apiKey, api }: SetupRequest): Promise<readonly Change[]> {
  const ask = (call: string, more: object = {}): Promise<unknown> =>
    callApi(`${api ?? 'https://mandrillapp.com'}/api/1.0/inbound/${call}.json`, {
      method: 'POST',
      headers: {},
      body: { key: apiKey, ...more },
    })
  const isThere = recordsOf(await ask('domains')).some((one) => one['domain'] === domain)
  const routes = isThere ? recordsOf(await ask('routes', { domain })) : []
  const route = routes.find((one) => one['pattern'] === pattern)
  const changes: Change[] = isThere
    ? []
    : [{ what: `add the inbound domain ${domain} (you set its MX)`, action: () => ask('add-domain', { domain }) }]
  if (route === undefined)
    changes.push({
      what: `create the route ${pattern}@${domain} → ${withoutPassword(url)}`,
      action: () => ask('add-route', { domain, pattern, url }),
    })
  else if (route['url'] !== url)
    changes.push({
      what:
        `change the route ${pattern}@${domain} from ${withoutPassword(String(recordOf(route)['url']))} to ` +
        withoutPassword(url),
      action: () => ask('update-route', { id: route['id'], pattern, url }),
    })
  return changes
}
