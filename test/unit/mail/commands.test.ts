// Commands on the first lines of an agent's mail: what is one, what it asks for, and what is never guessed.

import { describe, expect, test } from 'vitest'

import { readCommands } from '../../../src/mail/commands/read-commands.ts'
import { verbs } from '../../../src/mail/commands/verbs.ts'

const plain = { hasFiles: false, html: null, isNote: false }
const read = (words: string) => readCommands(words, plain)
const requests = (words: string) => {
  const { commands, problems } = read(words)
  expect(problems).toEqual([])
  return commands.map(({ request }) => request)
}
const resolve = { kind: 'status', status: 'resolved' }

describe('a command is understood', () => {
  test.each<[string, unknown]>([
    ['#resolve', resolve],
    ['#RESOLVE', resolve],
    ['  #Resolve  ', resolve],
    ['＃resolve', resolve],
    ['﹟resolve', resolve],
    ['＃ｒｅｓｏｌｖｅ', resolve],
    ['\u00a0#resolve\u00a0', resolve],
    ['\ufeff#resolve\u200b', resolve],
    ['\u200e#resolve', resolve],
    ['#resolve.', resolve],
    ['#resolve:', resolve],
    ['#open', { kind: 'status', status: 'open' }],
    ['#pending', { kind: 'status', status: 'pending' }],
    ['#snooze 2d', { kind: 'snooze', until: { kind: 'after', minutes: 2_880 } }],
    ['#snooze 4h', { kind: 'snooze', until: { kind: 'after', minutes: 240 } }],
    ['#snooze 90 minutes', { kind: 'snooze', until: { kind: 'after', minutes: 90 } }],
    ['#snooze 1\u00a0week', { kind: 'snooze', until: { kind: 'after', minutes: 10_080 } }],
    ['#snooze Tomorrow', { kind: 'snooze', until: { kind: 'day', day: { inDays: 1 }, time: '09:00' } }],
    ['#snooze tomorrow 14:30', { kind: 'snooze', until: { kind: 'day', day: { inDays: 1 }, time: '14:30' } }],
    ['#snooze next week', { kind: 'snooze', until: { kind: 'day', day: { weekday: 1 }, time: '09:00' } }],
    ['#snooze friday', { kind: 'snooze', until: { kind: 'day', day: { weekday: 5 }, time: '09:00' } }],
    ['#snooze 2026-12-24', { kind: 'snooze', until: { kind: 'day', day: '2026-12-24', time: '09:00' } }],
    ['#snooze 2026-12-24T8:15', { kind: 'snooze', until: { kind: 'day', day: '2026-12-24', time: '08:15' } }],
    ['#assign me', { kind: 'assign', to: 'me' }],
    ['#assign Nobody', { kind: 'assign', to: 'nobody' }],
    ['#assign @Anna  Meier', { kind: 'assign', to: { name: 'Anna Meier' } }],
    ['#assign anna@example.com', { kind: 'assign', to: { name: 'anna@example.com' } }],
    ['#team Night shift', { kind: 'team', name: 'Night shift' }],
    ['#team none', { kind: 'team', name: null }],
    ['#label a, B  c', { kind: 'label', labels: ['a', 'b', 'c'], isThere: true }],
    ['#unlabel größe', { kind: 'label', labels: ['größe'], isThere: false }],
    ['#priority HIGH', { kind: 'priority', priority: 'high' }],
    ['#priority none', { kind: 'priority', priority: null }],
    ['#note: call #5, then #resolve', { kind: 'note', text: 'call #5, then #resolve' }],
    ['#block', { kind: 'block' }],
  ])('%s', (line, request) => {
    expect(requests(line)).toEqual([request])
    expect(read(line).rest).toBe('')
  })
})

describe('#to names one person', () => {
  const jane = { name: 'Jane Doe', address: 'jane@customer.example' }
  test.each([
    ['jane@customer.example', { ...jane, name: '' }],
    ['<Jane@Customer.example>', { ...jane, name: '' }],
    ['mailto:jane@customer.example', { ...jane, name: '' }],
    // As Outlook and Gmail write a link into the text part.
    ['jane@customer.example<mailto:jane@customer.example>', { ...jane, name: '' }],
    ['Jane Doe <jane@customer.example>', jane],
    ['"Jane Doe" <jane@customer.example>', jane],
    ['Jane Doe [mailto:jane@customer.example]', jane],
    ['Jane\u00a0Doe <jane@customer.example>.', jane],
  ])('%s', (given, mailbox) => {
    expect(requests(`#to ${given}\nHello.`)).toEqual([{ kind: 'to', mailbox }])
  })

  test.each([
    ['', 'names no address'],
    ['Jane Doe', 'is not one email address'],
    ['jane@', 'is not one email address'],
    ['jane@customer.example, bob@customer.example', 'is not one email address'],
    ['jane@customer.example hello', 'words follow the address'],
    ['Jane <jane@customer.example> and Bob', 'words follow the address'],
  ])('"%s" is refused', (given, why) => {
    expect(read(`#to ${given}\nHello.`).problems).toMatchObject([{ why: expect.stringContaining(why) as string }])
  })

  test('and needs words or files', () => {
    expect(read('#to jane@customer.example').problems).toMatchObject([{ why: 'there are no words to send' }])
    const withFiles = readCommands('#to jane@customer.example', { ...plain, hasFiles: true })
    expect(withFiles.problems).toEqual([])
  })
})

describe('the block', () => {
  test.each<[string, string, number]>([
    ['ends at the first other line', '#resolve\nHello\n#open', 1],
    ['may have empty lines', '\n\n#resolve\r\n\r\n#label vip\n \u00a0\nHello\n#open', 2],
    ['may have several commands on a line', '#label vip #resolve\nHello\n#open', 2],
  ])('%s', (_what, words, count) => {
    expect(read(words)).toMatchObject({ problems: [], rest: 'Hello\n#open' })
    expect(read(words).commands).toHaveLength(count)
  })

  test.each([
    '#1 is fine',
    '# resolve',
    '##resolve',
    '#',
    '#-resolve',
    'resolve',
    '> #resolve',
    'Hi #resolve',
    '',
    ' \n',
  ])('is not begun by %j', (words) => {
    expect(read(words)).toEqual({ commands: [], problems: [], rest: words })
  })

  test('keeps the words below it as they are', () => {
    expect(read('#resolve\n\n  Indented\u00a0words\n\n\n> quoted').rest).toBe('Indented\u00a0words\n\n\n> quoted')
  })
})

describe('nothing is guessed', () => {
  test.each([
    ['#resovle', 'Did you mean #resolve?'],
    ['#asign me', 'Did you mean #assign?'],
    ['#prio high', 'Did you mean #priority?'],
    ['#constructor', 'Commands are #resolve'],
    ['#__proto__x', 'rest'],
    ['#сброс', 'Commands are #resolve'],
    ['#resolve thank you', 'on a line of its own'],
    ['#label', 'one or more labels'],
    ['#label v!p', 'without other characters'],
    ['#snooze', 'Write #snooze 4h'],
    ['#snooze 0d', 'Write #snooze 4h'],
    ['#snooze 999999999w', 'Write #snooze 4h'],
    ['#snooze 24.12.2026', 'Write #snooze 4h'],
    ['#snooze 2026-02-30', 'Write #snooze 4h'],
    ['#snooze tomorrow 25:00', 'Write #snooze 4h'],
    ['#snooze today', 'Write #snooze 4h'],
    ['#assign', 'a name, an address, me or nobody'],
    ['#team', '#team none'],
    ['#priority', 'low, medium, high, urgent or none'],
    ['#priority 1', 'low, medium, high, urgent or none'],
    ['#note', 'on the same line'],
    ['#cc boss', 'boss@customer.example'],
    ['#private', 'or use #note'],
    ['#cc a@b.example', 'Write the answer below it'],
    ['#resolve\n#open', 'Keep one of them'],
    ['#snooze 1d #snooze 2d', 'Keep one of them'],
    ['#open #block', 'Keep one of them'],
    ['#assign me\n#assign nobody', 'Keep one of them'],
    ['#label a #unlabel a', 'Keep one of them'],
    ['#private\n#cc a@b.example\nwords', 'Keep one of them'],
    [`#note ${'long '.repeat(14)}\nand the rest of it`, 'leave an empty line below'],
    [Array.from({ length: 51 }, () => '#resolve').join('\n'), 'Send fewer'],
  ])('%j', (words, instead) => {
    const { commands, problems, rest } = read(words)
    if (instead === 'rest') expect({ commands, rest }).toEqual({ commands: [], rest: words })
    else expect(problems.map((problem) => problem.instead).join(' ')).toContain(instead)
  })

  test('the same command twice is no contradiction', () => {
    expect(requests('#resolve #resolve\n#block')).toHaveLength(3)
  })
})

describe('a line that a mail program has broken', () => {
  const long = '#note The customer has paid late three times and is not to get a'
  const words = `${long}\ndiscount\n#resolve\n\nHello`

  test('is whole again where the HTML shows the whole line', () => {
    const html = `<div>${long} discount</div><div>#resolve</div><div>Hello</div>`
    expect(readCommands(words, { ...plain, html })).toMatchObject({
      commands: [{ request: { kind: 'note', text: `${long.slice(6)} discount` } }, { request: resolve }],
      problems: [],
      rest: 'Hello',
    })
  })

  test('is one line where the HTML shows that it ends there', () => {
    const html = `<div>${long}</div><div>discount</div>`
    expect(readCommands(`${long}\ndiscount`, { ...plain, html })).toMatchObject({
      problems: [],
      rest: 'discount',
    })
  })

  test('is refused where nothing tells', () => {
    expect(read(words).problems).toHaveLength(1)
    expect(read(words).commands.some(({ request }) => request.kind === 'note')).toBe(false)
  })
})

test.each(Object.entries(verbs))('the example of #%s is understood', (name, { example }) => {
  const { commands, problems } = readCommands(example, { ...plain, hasFiles: true })
  expect(problems).toEqual([])
  expect(commands[0]?.said.startsWith(`#${name}`)).toBe(true)
})

test('hostile words cost no time', () => {
  const words = `${'#'.repeat(100_000)}\n${'#note '.repeat(20_000)}`
  expect(read(words).rest).toBe(words)
  expect(read('#a '.repeat(50_000)).problems).toHaveLength(1)
})
