// Markdown as it leaves by mail, on the screen: the same parser as the service's, without HTML, and cleaned again.

import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import { useEffect, useRef } from 'react'

import styles from './message-text.module.css'

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true })
const allowed =
  'p br strong em s del code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 hr a table thead tbody tr th td'.split(' ')

export function Markdown({ text }: { readonly text: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const clean = DOMPurify.sanitize(parser.render(text), {
      ALLOWED_TAGS: allowed,
      ALLOWED_ATTR: ['href', 'title', 'start'],
      ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/i,
      RETURN_DOM_FRAGMENT: true,
    })
    for (const link of clean.querySelectorAll('a')) {
      link.setAttribute('target', '_blank')
      link.setAttribute('rel', 'noopener noreferrer nofollow')
    }
    place.current?.replaceChildren(clean)
  }, [text])
  return (
    <div className={styles.markdown} ref={place}>
      {text}
    </div>
  )
}
