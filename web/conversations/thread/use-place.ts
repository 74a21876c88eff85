// Where the reader is in a thread: at first at the message of the link, or at what is new, else at the end; at the
// end while they read the end; and otherwise where they are, whatever is added above or below.

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react'

/** Nearer to the end than this, a new message is scrolled to, in px. */
const nearEnd = 160

interface Shown {
  /** Ids of the first and the last message. */
  readonly first: number | undefined
  readonly last: number | undefined
  /**
   * Whether something is to be read first: a message that a link leads to ([data-wanted]), or what is new
   * ([data-new]).
   */
  readonly hasMark: boolean
}

interface Known extends Shown {
  readonly height: number
}

export function usePlace(scroller: RefObject<HTMLDivElement | null>, { first, last, hasMark }: Shown): void {
  const before = useRef<Known | null>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    const element = scroller.current
    return element === null ? undefined : followEnd(element, isAtEnd)
  }, [scroller])
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || last === undefined) return
    const known = before.current
    if (known === null) showFirst(element, hasMark)
    else if (known.first !== first && known.last === last) keepPlace(element, known.height)
    else if (known.last !== last && isAtEnd.current) toEnd(element)
    before.current = { first, last, hasMark, height: element.scrollHeight }
  }, [scroller, first, last, hasMark])
}

function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight
}

function showFirst(element: HTMLElement, hasMark: boolean): void {
  const mark = hasMark ? (element.querySelector('[data-wanted]') ?? element.querySelector('[data-new]')) : null
  if (mark === null) toEnd(element)
  else mark.scrollIntoView({ block: 'start' })
}

// What was added above must not push down what is read.
function keepPlace(element: HTMLElement, heightBefore: number): void {
  element.scrollTop += element.scrollHeight - heightBefore
}

// Pictures and frames that grow push the end down: who reads the end stays there.
function followEnd(element: HTMLElement, isAtEnd: { current: boolean }): () => void {
  const onScroll = (): void => {
    isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd
  }
  const observer = new ResizeObserver(() => {
    if (isAtEnd.current) toEnd(element)
  })
  element.addEventListener('scroll', onScroll, { passive: true })
  observer.observe(element)
  return () => {
    element.removeEventListener('scroll', onScroll)
    observer.disconnect()
  }
}
