// The words of an accepted mail: what is new first, the rest folded, then its files.

import { useState } from 'react'

import { fileSize } from '../conversations/thread/file-size'
import { Button } from '../ui/button'
import { useWords } from '../words/words'
import styles from './mail-words.module.css'
import type { ParsedMail } from './queries'

export function MailText({ parsed }: { readonly parsed: ParsedMail }) {
  const say = useWords()
  const words = textOf(parsed, (kind) => kind === 'words')
  const rest = textOf(parsed, (kind) => kind !== 'words')
  return (
    <>
      {words === '' && rest === '' && <p className={styles.none}>{say('mail.noWords')}</p>}
      {words !== '' && (
        <div className={styles.text} dir="auto">
          {words}
        </div>
      )}
      {rest !== '' && <Folded text={rest} isOpenFirst={words === ''} />}
      {parsed.attachments.length > 0 && <Files parsed={parsed} />}
    </>
  )
}

function textOf({ segments }: ParsedMail, isWanted: (kind: string) => boolean): string {
  return segments
    .filter(({ kind }) => isWanted(kind))
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
    .join('\n\n')
}

function Folded({ text, isOpenFirst }: { readonly text: string; readonly isOpenFirst: boolean }) {
  const say = useWords()
  const [isOpen, setOpen] = useState(isOpenFirst)
  return (
    <>
      <Button
        look="quiet"
        className={styles.fold}
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen)
        }}
      >
        {isOpen ? say('mail.hideQuoted') : say('mail.showQuoted', { count: text.split('\n').length })}
      </Button>
      {isOpen && (
        <div className={styles.quoted} dir="auto">
          {text}
        </div>
      )}
    </>
  )
}

export function Files({ parsed }: { readonly parsed: ParsedMail }) {
  return (
    <ul className={styles.files}>
      {parsed.attachments.map((file, position) => (
        <li key={String(position)} className={styles.file}>
          <b dir="auto">{file.filename === '' ? file.content_type : file.filename}</b>
          {fileSize(file.size)}
        </li>
      ))}
    </ul>
  )
}
