// Every command with its sub-commands, options and an example: help, the check of arguments and the loading of a
// command are made of it.

import type { Command, Option } from './command.ts'
import { inboundSubcommands } from './registry-inbound.ts'

const json: Option = { does: 'print JSON' }
const account: Option = { value: 'ID', does: 'the account (default: 1)' }
const yes: Option = { does: 'do not ask' }

const accountOptions = { domain: { value: 'D', does: 'domain of its reply addresses' } } as const

const accounts: Command['subcommands'] = {
  list: { args: '', does: 'all accounts', options: { json }, example: 'account list' },
  create: {
    args: 'NAME',
    does: 'create an account',
    options: { ...accountOptions, json },
    example: 'account create Acme --domain reply.acme.example',
  },
  show: { args: 'ID', does: 'one account', options: { json }, example: 'account show 1' },
  set: {
    args: 'ID',
    does: 'change an account',
    options: {
      ...accountOptions,
      name: { value: 'N', does: 'its name' },
      status: { value: 'S', does: 'active or suspended' },
      json,
    },
    example: 'account set 1 --domain reply.acme.example',
  },
  'enable-feature': {
    args: 'ID NAME',
    does: 'switch a feature on',
    options: { json },
    example: 'account enable-feature 1 inbound_emails',
  },
  'disable-feature': {
    args: 'ID NAME',
    does: 'switch a feature off',
    options: { json },
    example: 'account disable-feature 1 inbound_emails',
  },
  'add-agent': {
    args: 'ID EMAIL',
    does: 'add a user to an account',
    options: {
      name: { value: 'N', does: 'their name' },
      role: { value: 'R', does: 'agent (default) or administrator' },
      json,
    },
    example: 'account add-agent 1 maria@acme.example --role administrator',
  },
  'login-link': {
    args: '[EMAIL]',
    does: 'a link that signs in once, within 15 minutes (default: the user of the token)',
    options: { json },
    example: 'account login-link maria@acme.example',
  },
  delete: {
    args: 'ID',
    does: 'suspend an account; with its name as --confirm, delete it permanently',
    options: { confirm: { value: 'NAME', does: 'the name of the account: delete all of it' }, yes, json },
    example: 'account delete 2 --confirm Acme',
    confirm: 'Suspend this account, or, with --confirm, delete all of it permanently?',
  },
}

const webhooks: Command['subcommands'] = {
  listen: {
    args: '',
    does: 'print events live until Ctrl-C; needs no URL',
    options: { account, json },
    example: 'webhooks listen',
  },
  test: {
    args: 'ID',
    does: 'send a signed test event, and show what the receiver answered',
    options: { account, json },
    example: 'webhooks test 1',
  },
  deliveries: {
    args: 'ID',
    does: 'list the deliveries of a webhook, newest first',
    options: { account, json },
    example: 'webhooks deliveries 1',
  },
  redeliver: {
    args: 'ID DELIVERY',
    does: 'send one delivery again, with the same id',
    options: { account, json },
    example: 'webhooks redeliver 1 42',
  },
}

const suppression: Command['subcommands'] = {
  list: {
    args: '[TEXT]',
    does: 'list the addresses, newest first; with TEXT, those that contain it',
    options: { account, page: { value: 'N', does: 'page, of 25 addresses (default: 1)' }, json },
    example: 'suppression list acme.example',
  },
  remove: {
    args: 'EMAIL',
    does: 'remove an address from the list',
    options: { account, yes },
    example: 'suppression remove ann@acme.example',
    confirm: 'Mail to this address will leave again. Remove it from the list?',
  },
}

export const commands: Readonly<Record<string, Command>> = {
  serve: {
    does: 'run the service (like `npm start`)',
    load: () => import('./serve/serve.ts'),
    subcommands: { '': { args: '', does: 'Runs until SIGTERM or SIGINT. Settings: .env.example.', example: 'serve' } },
  },
  try: {
    does: 'print addresses, secrets and commands to try a running service',
    load: () => import('./try.ts'),
    subcommands: {
      '': {
        args: '',
        does: 'Creates a reply address for the first open conversation of the account. Prints secrets.',
        options: { account },
        example: 'try',
      },
    },
  },
  relay: {
    does: 'submit a mail from stdin to a running service, for the pipe of an MTA',
    load: () => import('./relay/relay.ts'),
    isRaw: true,
    subcommands: {
      '': {
        args: '[RECIPIENT…]',
        does: 'Exit 0: stored; 75: temporary failure. The password is INGRESS_PASSWORD.',
        options: {
          url: { value: 'URL', does: 'the service' },
          mta: { value: 'MTA', does: 'postfix, exim or qmail' },
          sender: { value: 'S', does: 'envelope sender' },
          recipient: { value: 'R', does: 'envelope recipient', multiple: true },
          timeout: { value: 'SECONDS', does: 'time limit in seconds (default: 50)' },
        },
        example: 'relay --url http://127.0.0.1:3000 --sender a@example.com --recipient b@example.com < mail.eml',
      },
    },
  },
  parse: {
    does: 'parse mails, one line of JSON each; needs no service',
    load: () => import('./parse.ts'),
    subcommands: { '': { args: 'FILE…', does: 'FILE may be - for standard input.', example: 'parse mail.eml' } },
  },
  explain: {
    does: 'predict what happens to a mail, and why; nothing is written',
    load: () => import('./explain.ts'),
    subcommands: {
      '': {
        args: 'FILE',
        does: 'FILE may be - for standard input.',
        options: {
          sender: { value: 'S', does: 'envelope sender' },
          recipient: { value: 'R', does: 'envelope recipient; may be given more than once', multiple: true },
          json,
        },
        example: 'explain --recipient support@reply.localhost mail.eml',
      },
    },
  },
  inbound: {
    does: 'accepted mail: list it, see why it went where it did, file it',
    load: () => import('./inbound.ts'),
    subcommands: inboundSubcommands,
    hasDefault: true,
  },
  account: {
    does: 'accounts, their agents and login links',
    load: () => import('./account.ts'),
    subcommands: accounts,
    hasDefault: true,
  },
  inbox: {
    does: 'inboxes of an account, and their addresses',
    load: () => import('./inbox.ts'),
    subcommands: {
      list: { args: 'ACCOUNT', does: 'all inboxes of the account', options: { json }, example: 'inbox list 1' },
      set: {
        args: 'ACCOUNT INBOX',
        does: 'change the address of an inbox; the old one stays accepted',
        options: { email: { value: 'E', does: 'its new address' }, json },
        example: 'inbox set 1 1 --email support@reply.acme.example',
      },
    },
  },
  domains: {
    does: 'domains at which mail is accepted',
    load: () => import('./domains.ts'),
    hasDefault: true,
    subcommands: {
      list: { args: '', does: 'all domains, with their expiry', options: { json }, example: 'domains list' },
      remove: {
        args: 'DOMAIN',
        does: 'stop accepting a former domain',
        options: { account: { value: 'ID', does: 'of this account (default: of the installation)' }, yes },
        example: 'domains remove reply.old.example --yes',
        confirm: 'Reply addresses at this domain will be refused. Remove it?',
      },
    },
  },
  contacts: {
    does: 'import contacts from a CSV file',
    load: () => import('./contacts.ts'),
    subcommands: {
      import: {
        args: 'FILE',
        does: 'import contacts; prints the rows that were refused',
        options: { account: { value: 'ID', does: 'into this account' }, json },
        example: 'contacts import --account 1 people.csv',
      },
    },
  },
  suppression: {
    does: 'addresses that an account does not mail, after bounces and complaints',
    load: () => import('./suppression.ts'),
    subcommands: suppression,
    hasDefault: true,
  },
  webhooks: {
    does: 'print events in the terminal; list and repeat deliveries',
    load: () => import('./webhooks.ts'),
    subcommands: webhooks,
  },
  database: {
    does: 'copy the embedded database to a PostgreSQL server, while the service is stopped',
    load: () => import('./database.ts'),
    subcommands: {
      copy: {
        args: '',
        does: 'copy all data to an empty database',
        options: { to: { value: 'URL', does: 'the server' } },
        example: 'database copy --to postgres://rethread@db.example/rethread',
      },
    },
  },
  setup: {
    does: 'configure a provider: shows the changes, or the steps; --yes applies them',
    load: () => import('./setup.ts'),
    subcommands: {
      '': {
        args: 'SERVICE',
        does: 'SERVICE: mailgun, sendgrid, mandrill, postmark, ses, resend, brevo, mailjet or sparkpost.',
        options: {
          yes: { does: 'apply the changes' },
          domain: { value: 'D', does: 'domain of the mail (default: INBOUND_EMAIL_DOMAIN)' },
          api: { value: 'URL', does: 'URL of the provider’s API, if not the usual one' },
        },
        example: 'setup mailgun --yes',
      },
    },
  },
  dns: {
    does: 'print the DNS records of the reply domains and the sending domains, to paste',
    load: () => import('./dns.ts'),
    subcommands: {
      '': {
        args: '[DOMAIN]',
        does: 'DOMAIN: a new reply domain (default: the domains in use). Nothing is looked up.',
        options: { account: { value: 'ID', does: 'of this account (default: of all)' }, json },
        example: 'dns reply.acme.example',
      },
    },
  },
  doctor: {
    does: 'one line for each check: ✓ ok, ! warning, ✗ fault and what to do',
    load: () => import('./doctor.ts'),
    subcommands: {
      '': {
        args: '',
        does: 'Exit 1 if any line has ✗.',
        options: { dns: { does: 'also look up the DNS records of the mail domains, and TLS; up to 15 seconds' }, json },
        example: 'doctor --dns',
      },
    },
  },
}
