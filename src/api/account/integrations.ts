// …/integrations/apps: what clients look for before they offer an integration. There are webhooks, and no dashboard
// apps.

import { z } from 'zod'

import { found } from '../input/fault.ts'
import { payloadOf, text } from '../present/kinds.ts'
import { forMember, type Route } from '../request/route.ts'

const appShape = z.object({
  id: text,
  name: text,
  description: text,
  enabled: z.boolean(),
  hook_type: text,
  allow_multiple_hooks: z.boolean(),
  hooks: z.array(z.unknown()).readonly(),
})
const spec = { tag: 'Integrations' } as const

const apps: readonly z.output<typeof appShape>[] = [
  {
    id: 'webhook',
    name: 'Webhooks',
    description: 'Events of the account, posted to your URLs',
    enabled: true,
    hook_type: 'account',
    allow_multiple_hooks: true,
    hooks: [],
  },
  {
    id: 'dashboard_apps',
    name: 'Dashboard Apps',
    description: 'Your own pages beside conversations',
    enabled: false,
    hook_type: 'account',
    allow_multiple_hooks: true,
    hooks: [],
  },
]

export function integrationRoutes(): Route[] {
  return [
    forMember('GET /integrations/apps', { ...spec, summary: 'List integrations', answer: payloadOf(appShape) }, () => ({
      payload: apps,
    })),
    forMember(
      'GET /integrations/apps/:appId',
      { ...spec, summary: 'Get an integration', answer: appShape },
      ({ params }) => found(apps.find((app) => app.id === params['appId']) ?? null),
    ),
  ]
}
