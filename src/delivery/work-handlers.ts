// The handlers of each kind of outgoing work, and the note on the message when one fails.

import type { Handlers } from '../queue/runner.ts'
import { noteGivenUp, noteRetry } from './note-attempt.ts'
import { notifyAgent } from './notify-agent.ts'
import { notifyAssignee } from './notify-assignee.ts'
import { notifyCommands } from './notify-commands.ts'
import { notifyHeld } from './notify-held.ts'
import { notifyHeldDigest } from './notify-held-digest.ts'
import { notifyTeam } from './notify-team.ts'
import { notifyTransfer } from './notify-transfer.ts'
import { notifyUndo } from './notify-undo.ts'
import { sendAddressCode } from './send-address-code.ts'
import { findContinued, sendContinuity } from './send-continuity.ts'
import { sendLink, sendLoginLink } from './send-link.ts'
import { type DeliveryOptions, sendReply } from './send-reply.ts'
import { sendTranscript } from './send-transcript.ts'

/** One handler for each kind of outgoing work. */
export function createWorkHandlers(
  options: DeliveryOptions,
): Pick<
  Handlers,
  | 'send-reply'
  | 'send-continuity'
  | 'notify-agent'
  | 'notify-assignee'
  | 'notify-held'
  | 'notify-commands'
  | 'notify-held-digest'
  | 'notify-transfer'
  | 'notify-undo'
  | 'send-transcript'
  | 'notify-team'
  | 'send-link'
  | 'send-login-link'
  | 'send-address-code'
> {
  return {
    'send-reply': {
      run: ({ messageId }) => sendReply(options, messageId),
      onRetry: ({ messageId }, failure) => noteRetry(options, [messageId], failure),
      onGiveUp: ({ messageId }, error, end) => noteGivenUp(options, [messageId], { error, ...end }),
    },
    'send-continuity': {
      run: ({ conversationId }) => sendContinuity(options, conversationId),
      onRetry: async ({ conversationId }, failure) =>
        noteRetry(options, await findContinued(options.pool, conversationId), failure),
      onGiveUp: async ({ conversationId }, error, end) =>
        noteGivenUp(options, await findContinued(options.pool, conversationId), { error, ...end }),
    },
    'notify-agent': { run: (work) => notifyAgent(options, work) },
    'notify-held': { run: (work) => notifyHeld(options, work) },
    'notify-commands': { run: (work) => notifyCommands(options, work) },
    'notify-held-digest': { run: (work) => notifyHeldDigest(options, work) },
    'notify-assignee': { run: (work) => notifyAssignee(options, work) },
    'send-transcript': { run: (work) => sendTranscript(options, work) },
    'notify-team': { run: (work) => notifyTeam(options, work) },
    'send-address-code': { run: (work) => sendAddressCode(options, work) },
    'send-link': { run: (work) => sendLink(options, work) },
    'send-login-link': { run: (work) => sendLoginLink(options, work) },
    'notify-undo': { run: (work) => notifyUndo(options, work) },
    'notify-transfer': { run: ({ transferId }) => notifyTransfer(options, transferId) },
  }
}
