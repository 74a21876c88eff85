// The table of all events in docs/reference/events.md, made from the one list of them. `npm run docs` writes it;
// test/house checks that it is current.

import { botEvents, eventKinds, ruleEvents, webhookEvents } from '../src/contracts/event-names.ts'

const causes = { rows: 'a change of rows', action: 'an action that changes no row' } as const

/** Every event with its cause and its receivers. */
export function eventsText(): string {
  const mark = (list: readonly string[], name: string): string => (list.includes(name) ? 'yes' : '')
  const rows = Object.entries(eventKinds).map(([name, { cause }]) => {
    const receivers = [webhookEvents, botEvents, ruleEvents].map((list) => mark(list, name))
    return `| ${[`\`${name}\``, causes[cause], ...receivers].join(' | ')} |`
  })
  return ['| event | cause | webhooks | bots | automation rules |', '|---|---|---|---|---|', ...rows].join('\n')
}
