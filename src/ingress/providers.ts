// Every provider of inbound mail, one line each: its file says all there is to say about it.

import type { Channels } from '../config.ts'

/** In the order in which they are documented. */
export const providers = (
  await Promise.all([
    import('./providers/mailgun.ts'),
    import('./providers/sendgrid.ts'),
    import('./providers/mandrill.ts'),
    import('./providers/postmark.ts'),
    import('./providers/ses.ts'),
    import('./providers/resend.ts'),
    import('./providers/brevo.ts'),
    import('./providers/mailjet.ts'),
    import('./providers/sparkpost.ts'),
  ])
).map(({ provider }) => provider)

/** The providers' additions to the settings of `readConfig`. */
export const channels: Channels = {
  services: ['relay', ...providers.map(({ service }) => service)],
  settings: Object.assign({}, ...providers.map(({ settings }) => settings)) as Channels['settings'],
}
