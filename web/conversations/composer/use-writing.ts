// The message that is being written in a conversation: its words, recipients, files and signature, and how it is sent.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import type { Conversation } from '../../api/client'
import { profileQuery } from '../../api/session'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { useConversationActions } from '../actions/use-conversation-actions'
import { useNext } from '../actions/use-next'
import { type Files, useFiles, type WrittenFile } from './files'
import { fields, type Recipient, type Recipients, recipientsQuery } from './recipients'
import { cancelSend, type Outgoing, send, undoSeconds } from './send'
import { type DraftState, useDraft } from './use-draft'

export interface Writing extends Pick<DraftState, 'change' | 'state'> {
  readonly content: string
  readonly isNote: boolean
  readonly files: Files
  /** Null where the message does not leave by mail, or while they are read. */
  readonly recipients: Recipients | null
  readonly leftOut: readonly Recipient[]
  readonly changeRecipients: (recipients: Recipients) => void
  readonly signature: string
  readonly dropSignature: () => void
  /** Notes that an agent was mentioned under this name. */
  readonly mention: (name: string, agentId: number) => void
  readonly isEmpty: boolean
  readonly hasNobody: boolean
  readonly isReady: boolean
  readonly send: (thenResolve: boolean) => void
}

export function useWriting(conversation: Conversation): Writing {
  const { account_id: accountId, id: displayId } = conversation
  const place = { accountId, displayId }
  const { draft, change, clear, state } = useDraft(place)
  const [changed, setChanged] = useState<Recipients | null>(null)
  const [hasSignature, setSignature] = useState(true)
  const [mentions, setMentions] = useState<ReadonlyMap<string, number>>(new Map())
  const files = useFiles(accountId)
  const { data: profile } = useQuery(profileQuery)
  const { data: reply } = useQuery(recipientsQuery(place))
  const sendAndTell = useSending(conversation)

  const { content, isNote } = draft
  const isMail = !isNote && (conversation.meta.channel === 'Channel::Email' || (reply?.to.length ?? 0) > 0)
  const recipients = isMail ? (changed ?? reply ?? null) : null
  const signature = isNote || !hasSignature ? '' : (profile?.message_signature?.trim() ?? '')
  const isEmpty = content.trim() === '' && files.list.length === 0
  const hasNobody = recipients !== null && fields.every((field) => recipients[field].length === 0)
  const isReady = !isEmpty && !files.isBusy && !hasNobody && (!isMail || recipients !== null)

  const sendIt = (thenResolve: boolean): void => {
    if (!isReady) return
    const words = isNote ? withMentions(content, mentions) : content
    const request = {
      content: signature === '' ? words : `${words.trimEnd()}\n\n${signature}`,
      private: isNote,
      draft: true as const,
      ...(recipients === null ? {} : { ...emailsOf(recipients), send_after_seconds: undoSeconds }),
      ...(files.list.length === 0 ? {} : { attachments: files.list.flatMap(({ blobId }) => blobId ?? []) }),
    }
    const written = files.list
    clear()
    files.put([])
    setChanged(null)
    sendAndTell({
      outgoing: { request, files: written.map(({ name }) => name) },
      thenResolve,
      onTakenBack: (blobIds) => {
        change({ content, isNote })
        setChanged(changed)
        files.put(written.map((file, position): WrittenFile => ({ ...file, blobId: blobIds[position] ?? null })))
      },
    })
  }
  return {
    content,
    isNote,
    change,
    state,
    files,
    recipients,
    leftOut: reply?.leftOut ?? [],
    changeRecipients: setChanged,
    signature,
    dropSignature: () => {
      setSignature(false)
    },
    mention: (name, agentId) => {
      setMentions((before) => new Map(before).set(name, agentId))
    },
    isEmpty,
    hasNobody,
    isReady,
    send: sendIt,
  }
}

interface Sending {
  readonly outgoing: Outgoing
  readonly thenResolve: boolean
  /** What was sent is to be written again; its files have new ids. */
  readonly onTakenBack: (blobIds: readonly string[]) => void
}

// Sends, says so with Undo where the message waits to leave, and goes on to the next conversation when this one is
// done.
function useSending({ account_id: accountId, id: displayId }: Conversation): (sending: Sending) => void {
  const say = useWords()
  const queries = useQueryClient()
  const actions = useConversationActions([displayId])
  const openNext = useNext(displayId)
  return ({ outgoing, thenResolve, onTakenBack }) => {
    const at = performance.now()
    void send(queries, { accountId, displayId }, outgoing).then((message) => {
      if (message === null || outgoing.request.send_after_seconds === undefined) return
      const undo = async (): Promise<void> => {
        try {
          const { blobIds } = await cancelSend(queries, accountId, message)
          onTakenBack(blobIds)
          if (thenResolve) actions.reopen()
        } catch (error) {
          tell({ text: error instanceof Error ? error.message : say('composer.tooLate'), isFailure: true })
        }
      }
      tell({ text: say('composer.sent'), undo: () => void undo(), at })
    })
    if (!thenResolve) return
    actions.resolve()
    openNext()
  }
}

function emailsOf({ to, cc, bcc }: Recipients) {
  const emails = (list: readonly Recipient[]): readonly string[] => list.map(({ email }) => email)
  return { to_emails: emails(to), cc_emails: emails(cc), bcc_emails: emails(bcc) }
}

// "@Ada" becomes Chatwoot's form of a mention.
function withMentions(content: string, mentions: ReadonlyMap<string, number>): string {
  let text = content
  for (const [name, id] of mentions)
    text = text.replaceAll(`@${name}`, `[@${name}](mention://user/${String(id)}/${encodeURIComponent(name)})`)
  return text
}
