// The text of a mail: of a very long one the first lines, and the rest when it is asked for.

import { useState } from 'react'

import { Button } from '../../ui/button'
import { useWords } from '../../words/words'
import { MessageText } from './message-text'

const shownLines = 80
/** A rest that is shorter than this is not worth a button. */
const leastHidden = 40

export function LongText({ text }: { readonly text: string }) {
  const say = useWords()
  const [isWhole, setWhole] = useState(false)
  const lines = text.split('\n')
  const hidden = lines.length - shownLines
  if (isWhole || hidden < leastHidden) return <MessageText text={text} isMarkdown={false} />
  return (
    <>
      <MessageText text={lines.slice(0, shownLines).join('\n')} isMarkdown={false} />
      <Button
        look="quiet"
        onClick={() => {
          setWhole(true)
        }}
      >
        {say('thread.showWhole', { count: hidden })}
      </Button>
    </>
  )
}
