// Every document that `npm run docs` generates, whole or in part. test/house checks that each is current.

import { commandsText } from './commands-text.ts'
import { providerPages, providersText, settingsText } from './docs-text.ts'
import { eventsText } from './events-text.ts'
import { mailCommandsText } from './mail-commands-text.ts'
import { metricsText } from './metrics-text.ts'
import { settingsPage } from './settings-text.ts'

type Generated = readonly (readonly [file: string, text: string])[]

/** Texts between the marks of a file. */
export const generatedParts = (): Generated => [
  ['.env.example', settingsText()],
  ['docs/install/mail-in/providers/README.md', providersText()],
  ['docs/reference/commands.md', commandsText()],
  ['docs/reference/events.md', eventsText()],
  ['docs/reference/mail-commands.md', mailCommandsText()],
  ['docs/reference/metrics.md', metricsText()],
]

/** Whole files. */
export const generatedFiles = (): Generated => [...providerPages(), ['docs/reference/settings.md', settingsPage()]]
