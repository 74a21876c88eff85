// A client of server-sent events, which remembers what it heard (HTML Living Standard §9.2).

import { until } from './until.ts'

export interface Heard {
  readonly id: string
  readonly event: string
  readonly data: any
}

interface State {
  readonly status: number
  readonly type: string | null
  readonly heard: Heard[]
  lastId: string
  ended: boolean
  beats: number
}

export type Listening = State & { readonly close: () => void }

/** Asks for a stream, and waits for its beginning where there is one. */
export async function listenAt(url: string, headers: Record<string, string> = {}): Promise<Listening> {
  const controller = new AbortController()
  const response = await fetch(url, { headers, signal: controller.signal })
  const state: State = {
    status: response.status,
    type: response.headers.get('content-type'),
    heard: [],
    lastId: '',
    ended: false,
    beats: 0,
  }
  void read(response, state)
  if (response.status === 200) await until('the beginning', () => state.lastId !== '')
  return Object.assign(state, {
    close: () => {
      controller.abort()
    },
  })
}

async function read(response: Response, state: State): Promise<void> {
  let rest = ''
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      rest += chunk
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) take(block, state)
    }
  } catch {
    // The test has gone away.
  }
  state.ended = true
}

function take(block: string, state: State): void {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  if (fields.has('')) state.beats++
  const id = fields.get('id') ?? ''
  if (id !== '') state.lastId = id
  const event = fields.get('event')
  if (event !== undefined) state.heard.push({ id, event, data: JSON.parse(fields.get('data') ?? 'null') })
}
