// One SMTP or LMTP connection: smtp-server's own, with eight behaviours replaced (pinned version 3.21.6;
// test/dialogue holds each). Statuses: 220 at once | 421 4.7.0 too many connections | 421 4.4.2 no whole command
// within the idle time | 250 XFORWARD from trusted relays only, 220 XCLIENT from proxies only, else 550 5.7.0 | 501
// 5.1.3, 5.1.7 malformed address. RFC 5321 §4.1.2 (addresses), §4.2 (replies), RFC 2034 (enhanced codes); XFORWARD and
// XCLIENT as Postfix documents them.

import { domainToASCII } from 'node:url'

import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'

export type { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'

/** The address of a client that its proxy cannot name: no relay, no address of the internet. */
export const unknownAddress = '::'

const tooMany = '4.7.0 Too many connections, try again later'

/** Longer than any real path, short enough for every index and log line. */
const maxAddressLength = 1000

export interface ConnectionRules {
  readonly isTrustedRelay: (address: string) => boolean
  /** True if the address may name its client by XCLIENT. */
  readonly isClientProxy: (address: string) => boolean
  /** Time for one whole command. */
  readonly commandTimeoutMs: number
  /** False: no place for this connection. Asked again when XCLIENT gave it another client. */
  readonly admit: (connection: SMTPConnection) => boolean
}

type Make = ConstructorParameters<typeof SMTPConnection>

/** A connection that greets at once, answers with our enhanced codes and takes XFORWARD from trusted relays alone. */
export function createConnection(parts: Make, rules: ConnectionRules): SMTPConnection {
  const connection = new SMTPConnection(...parts)
  greetImmediately(connection, rules)
  keepOwnEnhancedCodes(connection)
  forwardForTrusted(connection, rules)
  takeClientOfProxy(connection, rules)
  readAddressesLeniently(connection)
  limitCommandTime(connection, rules.commandTimeoutMs)
  answerBeforeClosing(connection)
  return connection
}

// The library waits 100 ms before the greeting to catch early talkers: at most 10 mails a second for a client with a
// connection per mail.
function greetImmediately(connection: SMTPConnection, rules: ConnectionRules): void {
  connection.init = () => {
    connection._setListeners(() => {
      if (rules.admit(connection)) connection.connectionReady()
      else connection.send(421, tooMany)
    })
  }
}

// The library puts the default enhanced code of a reply code before every text; ours know better (452 is 4.3.1 or
// 4.5.3, not 4.2.2).
function keepOwnEnhancedCodes(connection: SMTPConnection): void {
  const send = connection.send.bind(connection)
  connection.send = (code, data, context) => {
    send(code, data, typeof data === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(data) ? false : context)
  }
}

function forwardForTrusted(connection: SMTPConnection, rules: ConnectionRules): void {
  connection._proxyCommandAllowed = (command) => {
    // The client that XCLIENT named talks from now on.
    if (connection._xClient.has('ADDR')) return false
    const isAllowed = command === 'XFORWARD' ? rules.isTrustedRelay : rules.isClientProxy
    return isAllowed(connection._originalRemoteAddress)
  }
  const xforward = connection.handler_XFORWARD.bind(connection)
  connection.handler_XFORWARD = (command, callback) => {
    // `HELO=[UNAVAILABLE]`, said of mail written on the relay itself, makes the library forget the relay's own
    // greeting: 503 at MAIL.
    const helo = connection.hostNameAppearsAs
    xforward(command, () => {
      connection.hostNameAppearsAs = helo
      callback()
    })
  }
  const reset = connection.handler_RSET.bind(connection)
  connection.handler_RSET = (command, callback) => {
    forgetForwarded(connection)
    reset(command, callback)
  }
}

// The library goes on taking the proxy for the peer: its limits, its trust and its address would hold for the client.
function takeClientOfProxy(connection: SMTPConnection, rules: ConnectionRules): void {
  const greet = connection._sendGreeting.bind(connection)
  connection._sendGreeting = () => {
    const named = connection._xClient.get('ADDR')
    if (named !== undefined) {
      connection.remoteAddress = typeof named === 'string' ? named : unknownAddress
      connection._originalRemoteAddress = connection.remoteAddress
      connection._resetSession()
    }
    if (named === undefined || rules.admit(connection)) greet()
    else connection.send(421, tooMany)
  }
}

/** Clears the facts of XFORWARD: they hold for one transaction, as in Postfix. */
export function forgetForwarded(connection: SMTPConnection): void {
  connection._xForward.clear()
}

// The library refuses quoted local parts that hold a space or an @, which are valid (RFC 5321 §4.1.2), and shows
// domains in Unicode.
function readAddressesLeniently(connection: SMTPConnection): void {
  const parse = connection._parseAddressCommand.bind(connection)
  connection._parseAddressCommand = (name, command) => {
    const line = command.toString()
    const quoted = /^([a-z ]+:\s*<)("(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*")(@[^<>\s]+>.*)$/isu.exec(line)
    const parsed = quoted === null ? parse(name, line) : parse(name, `${quoted[1] ?? ''}quoted${quoted[3] ?? ''}`)
    if (!parsed || parsed.address.length > maxAddressLength) return false
    const at = parsed.address.lastIndexOf('@')
    if (at < 0) return parsed
    const localPart = quoted?.[2] ?? parsed.address.slice(0, at)
    return { ...parsed, address: `${localPart}@${asciiDomain(parsed.address.slice(at + 1))}` }
  }
}

// The library's idle time begins anew with every byte: at a byte a second one command could hold its connection for
// hours.
function limitCommandTime(connection: SMTPConnection, timeoutMs: number): void {
  let since = performance.now()
  const progress = () => {
    since = performance.now()
  }
  const onCommand = connection._onCommand.bind(connection)
  connection._onCommand = (command, next) => {
    progress()
    onCommand(command, next)
  }
  const resetSession = connection._resetSession.bind(connection)
  connection._resetSession = () => {
    progress()
    resetSession()
  }
  const timer = setInterval(() => {
    // While we owe the answer, or a mail comes in (data.ts has its own clock), the client is not the slow one.
    if (connection._handlerPending || connection._dataStream) progress()
    else if (performance.now() - since >= timeoutMs) connection.send(421, '4.4.2 Timeout, closing the connection')
  }, timeoutMs / 4)
  onClosed(connection, () => {
    clearInterval(timer)
  })
}

// seen: Exim sends its last mail, QUIT and the end of its side in one go, then reads the answers (test/dialogue,
// test/mta). The listener leaves such a socket half open; it is closed when everything that came has been answered.
function answerBeforeClosing(connection: SMTPConnection): void {
  const closeAfter = <Parser extends { once: (event: 'finish', listener: () => void) => unknown }>(
    parser: Parser,
  ): Parser => {
    parser.once('finish', () => connection._socket.end())
    return parser
  }
  if (connection._parser) closeAfter(connection._parser)
  // STARTTLS makes a new one.
  const createParser = connection._createParser.bind(connection)
  connection._createParser = () => closeAfter(createParser())
  const send = connection.send.bind(connection)
  connection.send = (code, data, context) => {
    const socket = connection._socket
    // The library writes only to a socket that calls itself open, not `writeOnly`.
    if (socket.readyState === 'writeOnly')
      Object.defineProperty(socket, 'readyState', { get: () => (socket.writable ? 'open' : 'closed') })
    send(code, data, context)
  }
}

/**
 * Calls back once, when the connection is gone. Not the socket's `close`: STARTTLS takes every listener off the
 * socket below.
 */
export function onClosed(connection: SMTPConnection, callback: () => void): void {
  const close = connection._onClose.bind(connection)
  let isClosed = false
  connection._onClose = () => {
    if (!isClosed) callback()
    isClosed = true
    close()
  }
}

function asciiDomain(domain: string): string {
  return /^[\p{ASCII}]*$/u.test(domain) ? domain : domainToASCII(domain) || domain
}
