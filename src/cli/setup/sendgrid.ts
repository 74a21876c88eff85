// The parse setting of SendGrid for a host name: where it posts to, and that it posts the mail as it is.

import { callApi, type Change, recordOf, recordsOf, type SetupRequest, withoutPassword } from './plan.ts'

/** Made when the host has none, changed when it has another. */
export async function plan({ url, domain, apiKey, api }: SetupRequest): Promise<readonly Change[]> {
  const settings = `${api ?? 'https://api.sendgrid.com'}/v3/user/webhooks/parse/settings`
  const headers = { authorization: `Bearer ${apiKey}` }
  const known = recordsOf(recordOf(await callApi(settings, { headers }))['result']).find(
    (one) => one['hostname'] === domain,
  )
  const endpoint = `${withoutPassword(url)}, raw`
  if (known === undefined)
    return [
      {
        what: `post the mail of ${domain} to ${endpoint}`,
        action: () =>
          callApi(settings, {
            method: 'POST',
            headers,
            body: { hostname: domain, url, send_raw: true, spam_check: true },
          }),
      },
    ]
  if (known['url'] === url && known['send_raw'] === true) return []
  const knownUrl = typeof known['url'] === 'string' ? known['url'] : ''
  const before = `${withoutPassword(knownUrl)}${known['send_raw'] === true ? ', raw' : ''}`
  return [
    {
      what: `post the mail of ${domain} to ${endpoint} (now: ${before})`,
      action: () =>
        callApi(`${settings}/${encodeURIComponent(domain)}`, {
          method: 'PATCH',
          headers,
          body: { url, send_raw: true, spam_check: known['spam_check'] === true },
        }),
    },
  ]
}
