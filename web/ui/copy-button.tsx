// Copies a text. Where the page may not write to the clipboard (it is not served by HTTPS), the text is selected.

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'

import { useWords } from '../words/words'
import { Button } from './button'

const shownMs = 2_000

interface CopyButtonProps {
  readonly text: string
  /** What is copied, for its accessible name. */
  readonly label?: string
}

export function CopyButton({ text, label }: CopyButtonProps) {
  const say = useWords()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(setCopied, shownMs, false)
    return () => {
      clearTimeout(timer)
    }
  }, [isCopied])
  const Icon = isCopied ? Check : Copy
  const words = say(isCopied ? 'common.copied' : 'common.copy')
  return (
    <Button
      aria-label={label === undefined ? undefined : `${words}: ${label}`}
      onClick={({ currentTarget }) => {
        void copy(text, currentTarget.previousElementSibling).then(setCopied)
      }}
    >
      <Icon aria-hidden="true" />
      {words}
    </Button>
  )
}

async function copy(text: string, shown: Element | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    if (shown !== null) getSelection()?.selectAllChildren(shown)
    return false
  }
}
