// The SMTP and LMTP listeners (RFC 5321, RFC 2033): smtp-server set up, started and stopped. First stop of a mail
// that comes from an MTA. Statuses: 220 at once | 421 4.7.0 too many connections | 421 4.4.2 idle | 421 4.3.2
// shutting down | 552 5.3.4 declared SIZE too large | MAIL, RCPT: see dialogue.ts | DATA: see data.ts. No AUTH;
// STARTTLS when there is a certificate. Proxies in front name their clients by the PROXY protocol or by XCLIENT.

import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'

import type { SMTPServerOptions } from 'smtp-server'
import { SMTPServer } from 'smtp-server'

import type { SMTPConnection } from './connection.ts'
import { createConnection, onClosed, unknownAddress } from './connection.ts'
import type { ListenerState, MailListenerOptions } from './dialogue.ts'
import { answerData, answerMail, answerRcpt } from './dialogue.ts'
import { createConnectionLimits } from './limits.ts'
import { takeProxyHeader } from './proxy-header.ts'
import { closeGracefully } from './shutdown.ts'
import { readTls } from './tls.ts'

export type { MailListenerOptions } from './dialogue.ts'

export interface MailListener {
  readonly port: number
  /** Takes no new mail, lets running transactions finish for a while, then closes what is left. Never throws. */
  readonly close: () => Promise<void>
}

/**
 * Starts listening on config.HOST; resolves when connections are taken. Throws `ConfigError` for a bad certificate,
 * or what `listen` threw.
 */
export async function createMailListener(options: MailListenerOptions): Promise<MailListener> {
  const state: ListenerState = { options, dialogues: new WeakMap(), closing: false }
  const server = new SMTPServer(serverOptions(state))
  server.on('error', (error) => {
    options.log.info('smtp-error', { ingress: options.protocol, error })
  })
  readProxyHeaders(server, state)
  admitConnections(server, state)
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(options.port, options.config.HOST, () => {
      server.server.off('error', reject)
      resolve()
    })
  })
  const close = () => {
    state.closing = true
    return closeGracefully(server, options.closeGraceMs ?? 10_000)
  }
  return { port: (server.server.address() as AddressInfo).port, close }
}

function serverOptions(state: ListenerState): SMTPServerOptions {
  const { config, log, protocol } = state.options
  const tls = readTls(config)
  const noteFault = (error: unknown) => {
    log.error('fault', { ingress: protocol, error })
  }
  return {
    ...tls,
    lmtp: protocol === 'lmtp',
    allowHalfOpen: true,
    logger: false,
    banner: 'Rethread',
    heloResponse: '%s',
    size: config.MAX_MESSAGE_BYTES,
    socketTimeout: config.SMTP_IDLE_TIMEOUT_MS,
    disableReverseLookup: true,
    lenientAddressParsing: true,
    hideENHANCEDSTATUSCODES: false,
    hideSTARTTLS: tls === null,
    disabledCommands: [
      ...['AUTH', 'WIZ', 'SHELL', 'KILL'],
      ...(tls === null ? ['STARTTLS'] : []),
      ...(config.XCLIENT_FROM.length === 0 ? ['XCLIENT'] : []),
    ],
    onConnect: (_session, answer) => {
      answer()
    },
    onMailFrom: (address, session, answer) => {
      answerMail(state, session, address).then(answer).catch(noteFault)
    },
    onRcptTo: (address, session, answer) => {
      answerRcpt(state, session, address.address).then(answer).catch(noteFault)
    },
    onData: (stream, session, answer) => {
      const answered = answerData(state, session, stream).then((replies) => {
        if (replies !== null) answer(null, replies)
      })
      answered.catch(noteFault)
    },
  }
}

// Those proxies always send the header, and no one else may.
function readProxyHeaders(server: SMTPServer, { options: { config, log, protocol } }: ListenerState): void {
  const connectDirectly = server._handleProxy.bind(server)
  server._expectsProxyHeader = (socket) => config.isHeaderProxy(socket.remoteAddress)
  server._handleProxy = (socket, callback) => {
    if (!config.isHeaderProxy(socket.remoteAddress)) {
      connectDirectly(socket, callback)
      return
    }
    takeProxyHeader(socket).then(
      ({ address, port }) => {
        callback(null, { id: randomUUID(), remoteAddress: address ?? unknownAddress, remotePort: port })
      },
      (error: unknown) => {
        log.info('smtp-error', { ingress: protocol, peer: socket.remoteAddress, problem: String(error) })
        socket.on('error', () => undefined).destroy()
        callback(error as Error)
      },
    )
  }
}

function admitConnections(server: SMTPServer, state: ListenerState): void {
  const { config, log, protocol } = state.options
  const limits = createConnectionLimits({
    max: config.MAX_CONNECTIONS,
    maxPerAddress: config.MAX_CONNECTIONS_PER_ADDRESS,
    isTrusted: config.isTrustedRelay,
  })
  // What releases the count of each connection.
  const releases = new WeakMap<SMTPConnection, () => void>()
  const admit = (connection: SMTPConnection) => {
    const address = connection._originalRemoteAddress
    releases.get(connection)?.()
    const leave = limits.enter(address)
    if (leave === null) {
      releases.delete(connection)
      log.info('connection-refused', { ingress: protocol, peer: address })
      return false
    }
    if (!releases.has(connection)) onClosed(connection, () => releases.get(connection)?.())
    releases.set(connection, leave)
    state.dialogues.set(connection.session, { connection, address, recipients: 0 })
    return true
  }
  server.connect = (socket, socketOptions) => {
    const { isTrustedRelay, isClientProxy, SMTP_IDLE_TIMEOUT_MS: commandTimeoutMs } = config
    const rules = { isTrustedRelay, isClientProxy, commandTimeoutMs, admit }
    const connection = createConnection([server, socket, socketOptions], rules)
    server.connections.add(connection)
    connection.on('error', (error: Error) => {
      log.info('smtp-error', { ingress: protocol, peer: connection._originalRemoteAddress, problem: error.message })
    })
    connection.init()
  }
}
