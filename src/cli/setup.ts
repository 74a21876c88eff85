// `rethread setup SERVICE`: the provider's side of an ingress. Through the provider's API where there is one that we speak: what will be changed is shown,
// and done with --yes; otherwise the exact steps, with this installation's URL in them. Safe to run twice.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { linkTo, readConfig, type Config } from '../config.ts'
import type { Provider } from '../ingress/provider.ts'
import { providers, ways } from '../ingress/providers.ts'
import { CommandError, runCommand } from './client.ts'
import { withoutPassword, type Plan } from './setup/plan.ts'

const usage = `Usage: rethread setup SERVICE [--yes] [--domain D] [--api URL]
SERVICE is one of ${providers.map(({ service }) => service).join(', ')}; --domain is whose mail is wanted (default: INBOUND_EMAIL_DOMAIN),
--api where the provider's API is, if not at its usual place (https://api.eu.mailgun.net).`

interface Setup {
  /** The setting that holds the API key. */
  readonly key: string
  readonly load: () => Promise<{ readonly plan: Plan }>
}

const setups: Readonly<Record<string, Setup>> = {
  mailgun: { key: 'MAILGUN_INGRESS_API_KEY', load: () => import('./setup/mailgun.ts') },
  sendgrid: { key: 'SENDGRID_INGRESS_API_KEY', load: () => import('./setup/sendgrid.ts') },
  mandrill: { key: 'MANDRILL_API_KEY', load: () => import('./setup/mandrill.ts') },
  postmark: { key: 'POSTMARK_SERVER_TOKEN', load: () => import('./setup/postmark.ts') },
}

/** Exit 0 when all is done or told, 64 for a wrong command, 69 or 77 when the provider does not do it. */
export async function run(args: string[]): Promise<number> {
  return runCommand('setup', async () => {
    const { positionals, values } = parse(args)
    const provider = providers.find(({ service }) => service === positionals[0])
    if (provider === undefined) throw new CommandError(usage, 64)
    const config = readConfig(undefined, ways)
    const setup = setups[provider.service]
    const apiKey = setup === undefined ? undefined : config.added[setup.key]
    if (setup === undefined || typeof apiKey !== 'string') {
      if (setup !== undefined) console.log(`${setup.key} is not set, so here is what to do by hand:`)
      printSteps(provider, config)
    } else {
      const { plan } = await setup.load()
      const request = { url: urlOf(provider, config, passwordOf(config)), domain: values.domain ?? config.INBOUND_EMAIL_DOMAIN, apiKey, api: values.api?.replace(/\/$/, '') ?? null }
      await carryOut(await plan(request), values.yes === true)
    }
    remind(provider, config)
    return 0
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { yes: { type: 'boolean' }, domain: { type: 'string' }, api: { type: 'string' } } })
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

async function carryOut(changes: Awaited<ReturnType<Plan>>, isWanted: boolean): Promise<void> {
  if (changes.length === 0) console.log('✓ all is as it should be there; nothing was changed')
  for (const { what, act } of changes) {
    if (isWanted) await act()
    console.log(`${isWanted ? '✓ done:' : 'would'} ${what}`)
  }
  if (changes.length > 0 && !isWanted) console.log('Nothing was changed. To do it, run the same with --yes.')
}

function printSteps(provider: Provider, config: Config): void {
  for (const [index, step] of provider.steps(withoutPassword(urlOf(provider, config, null))).entries()) console.log(`${String(index + 1)}. ${step}`)
}

// What is left to do here, whatever was done there.
function remind({ service, required }: Provider, config: Config): void {
  const isOff = !config.RAILS_INBOUND_EMAIL_SERVICE.includes(service)
  const missing = required.filter((name) => config.added[name] === undefined || (Array.isArray(config.added[name]) && config.added[name].length === 0))
  if (isOff) console.log(`Here: add ${service} to RAILS_INBOUND_EMAIL_SERVICE, and start again.`)
  if (missing.length > 0) console.log(`Here: set ${missing.join(' and ')}, and start again.`)
  if (/^http:\/\/(127\.|localhost|\[::1\])/.test(config.PUBLIC_URL)) console.log(`PUBLIC_URL is ${config.PUBLIC_URL}: no provider reaches that. Set it to the address under which you are seen, with https.`)
}

function urlOf({ service, basic }: Provider, { PUBLIC_URL, added }: Config, password: string | null): string {
  // Where the URL is signed to the letter, it may have been written down to the letter.
  const [literal] = [added[`${service.toUpperCase()}_INGRESS_URL`]].flat()
  if (typeof literal === 'string') return literal
  const url = linkTo(PUBLIC_URL, `/ingress/${service}`)
  return basic && password !== null ? url.replace('://', `://actionmailbox:${encodeURIComponent(password)}@`) : url
}

function passwordOf({ RAILS_INBOUND_EMAIL_PASSWORD: given, DATA_DIR }: Config): string {
  if (given !== undefined) return given
  try {
    return readFileSync(join(DATA_DIR, 'ingress-password'), 'utf8').trim()
  } catch {
    throw new CommandError(`there is no ingress password yet: set RAILS_INBOUND_EMAIL_PASSWORD, or start the service once, which makes one in ${DATA_DIR}`, 78)
  }
}
