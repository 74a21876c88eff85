// `rethread setup SERVICE`: the provider's side of an ingress. With a supported provider API it shows the changes, and
// applies them with --yes; otherwise it prints the exact steps, with this installation's URL in them. Safe to run
// twice.

import { parseArgs } from 'node:util'

import { type Config, readConfig } from '../config.ts'
import { type Provider, sayVouching } from '../ingress/provider.ts'
import { channels, providers } from '../ingress/providers.ts'
import { linkTo } from '../links.ts'
import { CommandError, ingressPassword, runCommand } from './client.ts'
import { print } from './print.ts'
import { type Plan, withoutPassword } from './setup/plan.ts'

const usage = `Usage: rethread setup SERVICE [--yes] [--domain D] [--api URL]
SERVICE is one of ${providers.map(({ service }) => service).join(', ')};
--domain is whose mail is wanted (default: INBOUND_EMAIL_DOMAIN),
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

/** Exit 0 when everything is done or shown, 64 for a wrong command, 69 or 77 when the provider refuses. */
export async function run(args: string[]): Promise<number> {
  return runCommand('setup', async () => {
    const { positionals, values } = parse(args)
    const provider = providerOf(positionals[0])
    const config = readConfig(undefined, channels)
    const setup = setups[provider.service]
    const apiKey = setup === undefined ? undefined : config.added[setup.key]
    if (setup === undefined || typeof apiKey !== 'string') {
      if (setup !== undefined) print(`${setup.key} is not set. Do these steps by hand:`)
      printSteps(provider, config, values.domain ?? config.INBOUND_EMAIL_DOMAIN)
    } else {
      const { plan } = await setup.load()
      const request = {
        url: urlOf(provider, config, passwordOf(config)),
        domain: values.domain ?? config.INBOUND_EMAIL_DOMAIN,
        apiKey,
        api: values.api?.replace(/\/$/, '') ?? null,
      }
      await carryOut(await plan(request), values.yes === true)
    }
    remind(provider, config)
    return 0
  })
}

function providerOf(name: string | undefined): Provider {
  if (name === 'relay' || name === 'cloudflare')
    throw new CommandError(`${name} needs no setup here: see docs/install/mail-in/README.md.`, 64)
  const provider = providers.find(({ service }) => service === name)
  if (provider === undefined) throw new CommandError(usage, 64)
  return provider
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { yes: { type: 'boolean' }, domain: { type: 'string' }, api: { type: 'string' } },
    })
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 64)
  }
}

async function carryOut(changes: Awaited<ReturnType<Plan>>, isWanted: boolean): Promise<void> {
  if (changes.length === 0) print('✓ the configuration is correct; nothing was changed')
  for (const { what, action } of changes) {
    if (isWanted) await action()
    print(`${isWanted ? '✓ done:' : 'would'} ${what}`)
  }
  if (changes.length > 0 && !isWanted)
    print('Nothing was changed. To apply the changes, run the same command with --yes.')
}

function printSteps(provider: Provider, config: Config, domain: string): void {
  const steps = provider.steps(withoutPassword(urlOf(provider, config, null)))
  // The last step of some providers is this command.
  const byHand = steps.filter((step) => !step.startsWith('Or run `rethread setup'))
  for (const [index, step] of byHand.entries())
    print(`${String(index + 1)}. ${step.replace(/YOUR[. ]DOMAIN/g, () => domain)}`)
}

// Steps that remain on this server.
function remind({ service, title, required, vouching }: Provider, config: Config): void {
  print(`${title} ${sayVouching(vouching)}.`)
  const isOff = !config.RAILS_INBOUND_EMAIL_SERVICE.includes(service)
  const missing = required.filter(
    (name) =>
      config.added[name] === undefined || (Array.isArray(config.added[name]) && config.added[name].length === 0),
  )
  if (isOff) print(`Here: add ${service} to RAILS_INBOUND_EMAIL_SERVICE, and restart.`)
  if (missing.length > 0) print(`Here: set ${missing.join(' and ')}, and restart.`)
  if (/^http:\/\/(127\.|localhost|\[::1\])/.test(config.PUBLIC_URL))
    print(
      `PUBLIC_URL is ${config.PUBLIC_URL}: providers cannot reach it. Set it to the public URL ` +
        'of this service, with https.',
    )
}

function urlOf({ service, basic }: Provider, { PUBLIC_URL, added }: Config, password: string | null): string {
  // If the provider signs the URL to the letter, it may be stored to the letter.
  const [literal] = [added[`${service.toUpperCase()}_INGRESS_URL`]].flat()
  if (typeof literal === 'string') return literal
  const url = linkTo(PUBLIC_URL, `/ingress/${service}`)
  return basic && password !== null ? url.replace('://', `://actionmailbox:${encodeURIComponent(password)}@`) : url
}

function passwordOf(config: Config): string {
  const password = ingressPassword(config)
  if (password !== null) return password
  throw new CommandError(
    'there is no ingress password yet: set RAILS_INBOUND_EMAIL_PASSWORD, or start the service once, which ' +
      'makes one in ' +
      config.DATA_DIR,
    78,
  )
}
