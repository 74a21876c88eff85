// The npm client @figuro/chatwoot-sdk, as it is published.

import { createRequire } from 'node:module'

import type sdk from '@figuro/chatwoot-sdk'

// As Node loads it: the test runner would take its `default` apart.
const { default: ChatwootClient } = createRequire(import.meta.url)('@figuro/chatwoot-sdk') as typeof sdk

/**
 * Its types say what Chatwoot's documentation once said, not how Chatwoot's answers are wrapped; tests look into them
 * freely.
 */
export function connectClient(url: string, token: string): any {
  return new ChatwootClient({ config: { basePath: url, with_credentials: true, credentials: 'include', token } })
}
