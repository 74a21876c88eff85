// Writes the answer of an HTTP ingress. An answer may come before the client has sent everything (401, 413): then the
// rest is read and thrown away for a moment, because closing a socket with unread bytes resets it and the client
// never sees the answer.

import type { Request, Response } from 'express'

const lingerMs = 5_000

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; null = no body. */
  readonly body: Readonly<Record<string, unknown>> | null
}

/** Answers, and closes the connection if the request was not read to its end. Never throws. */
export function sendAnswer(request: Request, response: Response, answer: Answer): void {
  response.status(answer.status).set(answer.headers ?? {})
  if (answer.body === null) {
    response.end()
    return
  }
  const text = JSON.stringify(answer.body)
  response.set({ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(text)) })
  if (request.complete) {
    response.end(text)
    return
  }
  response.set('Connection', 'close')
  response.write(text)
  discardRest(request, () => {
    response.end()
  })
}

function discardRest(request: Request, done: () => void): void {
  const timer = setTimeout(done, lingerMs)
  const finish = () => {
    clearTimeout(timer)
    done()
  }
  request.removeAllListeners('data')
  request.once('end', finish).once('close', finish).on('error', finish)
  request.resume()
}
