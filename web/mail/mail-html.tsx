// The HTML of an accepted mail in its frame. Pictures stay off: fetching them would tell a stranger that it was read.

import { useState } from 'react'

import { MailFrame } from '../ui/mail-frame'
import { useWords } from '../words/words'
import styles from './mail-html.module.css'

const nothing = (): null => null

export function MailHtml({ html, title }: { readonly html: string; readonly title: string }) {
  const say = useWords()
  const [hidden, setHidden] = useState(0)
  return (
    <div className={styles.html}>
      {hidden > 0 && <p className={styles.line}>{say('mail.one.picturesOff', { count: hidden })}</p>}
      <MailFrame html={html} title={title} findInline={nothing} findRemote={null} onHidden={setHidden} />
    </div>
  )
}
