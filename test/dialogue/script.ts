// Plays one dialogue script of fixtures/dialogue against a listener. A script is text, one step a line:
//   # …            the first comment is the guarantee and the title of the test
//   config N=V     a setting; only before the first step
//   fail KIND      the store refuses the next mail with this kind of error
//   -> text        sends the line; lines that follow one another go out in one packet (pipelining)
//   => text        sends bytes: \r \n \0 \\ \xNN, nothing added; =>N text sends it N times
// <- text the next reply must begin with it; <- /regexp/ must match the whole reply; <- closed: the server has closed
//   tls            TLS handshake, as a client after STARTTLS
//   mail <from> <to>,<to> "raw"   the next mail at the store; raw bytes and addresses escaped as above
//   peer address helo      … of the mail named last; - for null
//   mails N        number of stored mails in total

import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'

import { expect } from 'vitest'

import { type ErrorKind, MailError } from '../../src/errors.ts'
import { type Client, createClient, createStage, type Stage } from './support.ts'

export interface Script {
  readonly file: string
  readonly title: string
  readonly protocol: 'smtp' | 'lmtp'
  readonly settings: Record<string, string>
  readonly steps: readonly { readonly line: number; readonly verb: string; readonly rest: string }[]
}

export function readScript(path: string): Script {
  const lines = readFileSync(path, 'latin1').split('\n')
  const settings: Record<string, string> = {}
  const steps: { line: number; verb: string; rest: string }[] = []
  for (const [i, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue
    const verb = line.split(' ', 1)[0] ?? ''
    const rest = line.slice(verb.length + 1)
    if (verb === 'config') settings[rest.slice(0, rest.indexOf('='))] = rest.slice(rest.indexOf('=') + 1)
    else steps.push({ line: i + 1, verb, rest })
  }
  const title = lines[0]?.replace(/^# */, '') ?? ''
  return { file: basename(path), title, protocol: extname(path) === '.lmtp' ? 'lmtp' : 'smtp', settings, steps }
}

/** Plays a script; `environment` adds settings that a file cannot know, such as a certificate made for this run. */
export async function playScript(script: Script, environment: Record<string, string> = {}): Promise<void> {
  const stage = await createStage(script.protocol, { ...environment, ...script.settings }, { closeGraceMs: 200 })
  const client = await createClient(stage.listener.port)
  const actor = createActor(stage, client)
  try {
    for (const step of script.steps) await actor.play(step.verb, step.rest, `${script.file}:${String(step.line)}`)
    actor.flush()
    expect(actor.mailsSeen(), `${script.file}: mails named in the script`).toBe(stage.door.submissions.length)
    expect(stage.budget.used(), `${script.file}: bytes still in flight`).toBe(0)
  } finally {
    client.end()
    await stage.listener.close()
  }
}

function createActor(stage: Stage, client: Client) {
  let outgoing = ''
  let seen = 0
  const flush = () => {
    if (outgoing !== '') client.send(outgoing)
    outgoing = ''
  }
  const verbs: Record<string, (rest: string, where: string) => void | Promise<void>> = {
    '->': (rest) => void (outgoing += `${rest}\r\n`),
    '<-': async (rest, where) => {
      flush()
      expectReply(await client.reply(), rest, where)
    },
    tls: () => client.startTls(),
    fail: (rest) => {
      stage.door.failNext(
        rest === 'surprise'
          ? new Error('surprise')
          : new MailError(rest as ErrorKind, 'the script asks for this fault'),
      )
    },
    mail: (rest, where) => {
      const [, from = '', to = '', raw = ''] = /^<(.*?)> <(.*)> "(.*)"$/.exec(rest) ?? []
      const submission = stage.door.submissions[seen++]
      expect(submission?.envelope, where).toEqual({ reversePath: utf8(from), recipients: to.split('>,<').map(utf8) })
      expect(submission?.raw.toString('latin1'), where).toBe(unescape(raw))
    },
    peer: (rest, where) => {
      const [address, helo] = rest.split(' ').map((word) => (word === '-' ? null : word))
      expect(stage.door.submissions[seen - 1]?.peer, where).toMatchObject({ address, helo })
    },
    mails: (rest, where) => {
      expect(stage.door.submissions.length, where).toBe(Number(rest))
      seen = Number(rest)
    },
  }
  const play = async (verb: string, rest: string, where: string) => {
    const [, times] = /^=>(\d*)$/.exec(verb) ?? []
    if (times !== undefined) outgoing += unescape(rest).repeat(Number(times || 1))
    else if (verbs[verb] === undefined) throw new Error(`${where}: no such step`)
    else await verbs[verb](rest, where)
  }
  return { play, flush, mailsSeen: () => seen }
}

function expectReply(reply: string | null, wanted: string, where: string): void {
  if (wanted === 'closed') expect(reply, where).toBeNull()
  else if (wanted.startsWith('/')) expect(reply ?? '(closed)', where).toMatch(new RegExp(wanted.slice(1, -1), 's'))
  else expect((reply ?? '(closed)').slice(0, wanted.length), `${where}: ${reply ?? '(closed)'}`).toBe(wanted)
}

function utf8(text: string): string {
  return Buffer.from(unescape(text), 'latin1').toString('utf8')
}

function unescape(text: string): string {
  const names: Record<string, string> = { r: '\r', n: '\n', '0': '\0', '\\': '\\' }
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (_all, hex?: string, name?: string) =>
    hex === undefined ? (names[name ?? ''] ?? name ?? '') : String.fromCharCode(parseInt(hex, 16)),
  )
}
