// What a person does with an accepted mail. Each action says what it did and offers to undo it; the views are
// updated from the answer, which is the mail as it is now.

import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'

import { api, ask } from '../api/client'
import { tell } from '../ui/toast'
import { useWords } from '../words/words'
import { statusName } from './mail-words'
import { type MailPlace, mailQuery, type MailWithTrace } from './queries'

export interface MailActions {
  readonly file: (displayId: number) => void
  readonly open: (inboxId?: number) => void
  readonly runAgain: () => void
  readonly block: () => void
  readonly discard: () => void
  /** Undoes the last of these actions, by any user. */
  readonly unfile: () => void
  readonly unopen: () => void
  readonly unblock: () => void
  readonly undiscard: () => void
}

/** `onDone` is called after an action that settles the mail. */
export function useMailActions(place: MailPlace, onDone?: (mail: MailWithTrace) => void): MailActions {
  const say = useWords()
  const queries = useQueryClient()
  const { accountId, id } = place
  return useMemo(() => {
    const at = { params: { path: { accountId, id } } }
    const one = '/api/v1/accounts/{accountId}/inbound_emails/{id}' as const
    const take = (mail: MailWithTrace): void => {
      queries.setQueryData(mailQuery({ accountId, id }).queryKey, mail)
      void queries.invalidateQueries({ queryKey: ['mail', accountId] })
    }
    const run = (
      action: () => Promise<MailWithTrace>,
      done: (mail: MailWithTrace) => { text: string; undo?: () => void },
    ) => {
      action().then(
        (mail) => {
          take(mail)
          tell(done(mail))
          onDone?.(mail)
        },
        (error: unknown) => {
          tell({
            text: error instanceof Error ? error.message : String(error),
            isFailure: true,
            retry: () => {
              run(action, done)
            },
          })
        },
      )
    }
    const back = (action: () => Promise<MailWithTrace>) => () => {
      action().then(
        (mail) => {
          take(mail)
          tell({ text: say('mail.did.undone') })
        },
        (error: unknown) => {
          tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
        },
      )
    }
    const unfile = back(() => ask(api.DELETE(`${one}/file`, at)))
    const unopen = back(() => ask(api.DELETE(`${one}/open`, at)))
    const unblock = back(() => ask(api.DELETE(`${one}/block`, at)))
    const undiscard = back(() => ask(api.DELETE(`${one}/discard`, at)))
    return {
      file: (displayId) => {
        run(
          () => ask(api.POST(`${one}/file`, { ...at, body: { conversation_id: displayId } })),
          () => ({ text: say('mail.did.filed', { id: displayId }), undo: unfile }),
        )
      },
      open: (inboxId) => {
        run(
          () => ask(api.POST(`${one}/open`, { ...at, body: inboxId === undefined ? {} : { inbox_id: inboxId } })),
          (mail) => ({ text: say('mail.did.opened', { id: mail.conversation_id ?? 0 }), undo: unopen }),
        )
      },
      runAgain: () => {
        run(
          () => ask(api.POST(`${one}/replay`, at)),
          (mail) => ({ text: say('mail.did.again', { status: statusName(say, mail.status) }) }),
        )
      },
      block: () => {
        run(
          () => ask(api.POST(`${one}/block`, at)),
          (mail) => ({ text: say('mail.did.blocked', { from: mail.from ?? '' }), undo: unblock }),
        )
      },
      discard: () => {
        run(
          () => ask(api.POST(`${one}/discard`, at)),
          () => ({ text: say('mail.did.discarded'), undo: undiscard }),
        )
      },
      unfile,
      unopen,
      unblock,
      undiscard,
    }
  }, [accountId, id, say, queries, onDone])
}
