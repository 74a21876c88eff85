// The HTML of a mail as its sender wrote it, in a frame that runs no script, sends no form and fetches nothing but
// pictures that were asked for. DOMPurify cleans it (clean-html.ts), `sandbox` forbids scripts, the page's policy and
// the frame's own allow no other source. Styles are set through the CSSOM, as the policy allows no inline style.

import { useEffect, useRef, useState } from 'react'

import { useWords } from '../words/words'
import styles from './mail-frame.module.css'

interface MailFrameProps {
  readonly html: string
  readonly title: string
  /** The address of the picture with this Content-ID; null: there is none. */
  readonly findInline: (contentId: string) => string | null
  /** The address under which we fetch a remote picture; null: pictures are off. */
  readonly findRemote: ((url: string) => string | null) | null
  /** How many remote pictures are not shown. */
  readonly onHidden: (count: number) => void
}

const skeleton =
  `<!doctype html><html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; ` +
  `img-src 'self' data: blob:"></head><body></body></html>`
const firstHeight = 120
/** A taller mail scrolls in its frame. */
const maxHeight = 20_000

export function MailFrame({ html, title, findInline, findRemote, onHidden }: MailFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null)
  const unavailable = useWords()('thread.originalUnavailable')
  const [document, setDocument] = useState<Document | null>(null)
  const [height, setHeight] = useState(firstHeight)
  useEffect(() => {
    if (document === null) return undefined
    let isWanted = true
    void import('./clean-html').then(
      ({ fillFrame }) => {
        if (isWanted) onHidden(fillFrame(document, html, { findInline, findRemote }))
      },
      // Without what cleans it nothing of the mail is shown.
      () => {
        document.body.textContent = unavailable
      },
    )
    const observer = new ResizeObserver(() => {
      setHeight(Math.min(maxHeight, Math.ceil(document.documentElement.getBoundingClientRect().height)))
    })
    observer.observe(document.documentElement)
    return () => {
      isWanted = false
      observer.disconnect()
    }
  }, [document, html, findInline, findRemote, onHidden, unavailable])
  return (
    <iframe
      ref={frame}
      className={styles.frame}
      title={title}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      srcDoc={skeleton}
      style={{ height }}
      onLoad={() => {
        setDocument(frame.current?.contentDocument ?? null)
      }}
    />
  )
}
