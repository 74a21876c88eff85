// A bot's server has not answered for a while (events/webhooks/outcome): the conversation that waits for it is opened
// for agents.

import type { Pool } from '../../db/pool.ts'
import type { Handlers } from '../../queue/runner.ts'
import { changeLocked } from '../locked-conversation.ts'
import { setStatus } from './change-status.ts'

const sentence = 'Conversation was marked open by system due to an error with the agent bot.'

/** Opens it if it is pending, once. */
export function createHandOffHandler(pool: Pool): Handlers['hand-off'] {
  return {
    run: async ({ conversationId, agentBotId }) => {
      const by = { kind: 'agent_bot', id: agentBotId, name: '' } as const
      await changeLocked(pool, { conversationId, by }, async (tx, locked) => {
        if (locked.status === 'pending')
          await setStatus(tx, locked, { status: 'open', snoozedUntil: null, by, sentence })
      })
    },
  }
}
