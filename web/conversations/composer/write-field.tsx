// The field for the words, with what is offered while they are typed, the signature and the files below.

import { Paperclip, X } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useId, useRef, useState } from 'react'

import { api, type Conversation } from '../../api/client'
import { IconButton } from '../../ui/button'
import { useWords } from '../../words/words'
import { fileSize } from '../thread/file-size'
import styles from './composer.module.css'
import type { Files } from './files'
import { insertText } from './insert'
import { findTyped, SuggestionList, useSuggestions } from './suggestions'
import type { Writing } from './use-writing'

interface WriteFieldProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly conversation: Conversation
  readonly writing: Writing
}

export function WriteField({ field, conversation, writing }: WriteFieldProps) {
  const say = useWords()
  const listId = useId()
  const [caret, setCaret] = useState(0)
  const { content, isNote, change, files, signature } = writing
  const tellTyping = useTyping(conversation, isNote)
  const suggestions = useSuggestions({
    typed: findTyped(content, caret, isNote),
    onChoose: (suggestion, typed) => {
      const element = field.current
      if (element === null) return
      element.setSelectionRange(typed.start, caret)
      insertText(element, suggestion.text)
      if (suggestion.agentId !== undefined) writing.mention(suggestion.name, suggestion.agentId)
    },
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (suggestions.onKeyDown(event)) return
    if (event.key === 'Escape') field.current?.blur()
  }
  const onPaste = (event: ClipboardEvent): void => {
    if (event.clipboardData.files.length === 0) return
    event.preventDefault()
    files.add([...event.clipboardData.files])
  }
  return (
    <div className={styles.write}>
      <textarea
        ref={field}
        value={content}
        rows={2}
        dir="auto"
        aria-label={say('composer.reply')}
        aria-autocomplete="list"
        aria-controls={suggestions.list.length > 0 ? listId : undefined}
        placeholder={say(isNote ? 'composer.notePlaceholder' : 'composer.placeholder')}
        onChange={({ target }) => {
          change({ content: target.value })
          setCaret(target.selectionStart)
          tellTyping()
        }}
        onSelect={({ currentTarget }) => {
          setCaret(currentTarget.selectionStart)
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      {signature !== '' && (
        <div className={styles.signature}>
          <span>{signature}</span>
          <IconButton label={say('composer.noSignature')} onClick={writing.dropSignature}>
            <X />
          </IconButton>
        </div>
      )}
      <FileList files={files} />
      <SuggestionList suggestions={suggestions} id={listId} />
    </div>
  )
}

const sizeOf = (size: number | null): string => (size === null ? '' : fileSize(size))

function FileList({ files }: { readonly files: Files }) {
  const say = useWords()
  if (files.list.length === 0) return null
  return (
    <ul className={styles.files}>
      {files.list.map(({ key, name, size, blobId, error }) => (
        <li key={key} data-failed={error === null ? undefined : ''}>
          <Paperclip aria-hidden="true" />
          <span className={styles.fileName}>{name}</span>
          <span className={styles.why}>{error ?? (blobId === null ? say('composer.uploading') : sizeOf(size))}</span>
          <button
            type="button"
            aria-label={say('composer.removeFile', { name })}
            onClick={() => {
              files.remove(key)
            }}
          >
            <X aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  )
}

const typingPauseMs = 5000

// Other agents see that the user types; it is sent again every few seconds.
function useTyping({ account_id: accountId, id: displayId }: Conversation, isNote: boolean): () => void {
  const lastAt = useRef(0)
  return () => {
    if (Date.now() - lastAt.current < typingPauseMs) return
    lastAt.current = Date.now()
    void api
      .POST('/api/v1/accounts/{accountId}/conversations/{displayId}/toggle_typing_status', {
        params: { path: { accountId, displayId } },
        body: { typing_status: 'on', is_private: isNote },
      })
      .catch(() => undefined)
  }
}
