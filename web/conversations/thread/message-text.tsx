// The words of a message. What came by mail is plain text with links; what agents wrote is Markdown.

import { lazy, type ReactNode, Suspense } from 'react'

import styles from './message-text.module.css'

// Fetched with the thread, so that it is there when the connection is not; without it the words stand as they are.
const loading = import('./markdown').catch(() => null)
const Markdown = lazy(async () => ({ default: (await loading)?.Markdown ?? Plain }))

function Plain({ text }: { readonly text: string }) {
  return <p className={styles.plain}>{text}</p>
}

export function MessageText({ text, isMarkdown }: { readonly text: string; readonly isMarkdown: boolean }) {
  if (!isMarkdown || !/[*_`[\]#>~|\-\d<&\\]|https?:/.test(text)) return <p className={styles.plain}>{linked(text)}</p>
  return (
    <Suspense fallback={<Plain text={text} />}>
      <Markdown text={text} />
    </Suspense>
  )
}

const address = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g

// Links show their whole address: a mail cannot say one thing and lead to another.
function linked(text: string): ReactNode[] {
  const parts: ReactNode[] = []
  let end = 0
  for (const { 0: url, index } of text.matchAll(address)) {
    parts.push(text.slice(end, index))
    parts.push(
      <a key={index} href={url} target="_blank" rel="noopener noreferrer nofollow">
        {url}
      </a>,
    )
    end = index + url.length
  }
  return [...parts, text.slice(end)]
}
