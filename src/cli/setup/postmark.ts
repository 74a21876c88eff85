// The inbound webhook of a Postmark server, and "Include raw email content" with it, by the server API.

import { callApi, type Change, recordOf, type SetupRequest, withoutPassword } from './plan.ts'

/** Two settings of the server that the token belongs to. */
export async function plan({ url, apiKey, api }: SetupRequest): Promise<readonly Change[]> {
  const server = `${api ?? 'https://api.postmarkapp.com'}/server`
  const headers = { 'x-postmark-server-token': apiKey }
  const now = recordOf(await callApi(server, { headers }))
  const changes: Change[] = []
  const set = (what: string, body: object): void => {
    changes.push({ what, action: () => callApi(server, { method: 'PUT', headers, body }) })
  }
  const name = typeof now['Name'] === 'string' ? now['Name'] : ''
  const hook =
    typeof now['InboundHookUrl'] === 'string' && now['InboundHookUrl'] !== ''
      ? withoutPassword(now['InboundHookUrl'])
      : 'nowhere'
  if (now['InboundHookUrl'] !== url)
    set(`let the server "${name}" post inbound mail to ${withoutPassword(url)} (now: ${hook})`, { InboundHookUrl: url })
  if (now['RawEmailEnabled'] !== true) set(`let the server "${name}" include the raw mail`, { RawEmailEnabled: true })
  return changes
}
