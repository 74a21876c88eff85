// Reads further messages when the end of those that were read comes into view.

import { type RefObject, useEffect, useRef } from 'react'

interface More {
  readonly hasMore: boolean
  readonly isFetching: boolean
  readonly readMore: () => unknown
}

const marginPx = 200

/** What is returned belongs to the element at that end. */
export function useReadMore(
  scroller: RefObject<HTMLElement | null>,
  { hasMore, isFetching, readMore }: More,
): RefObject<HTMLDivElement | null> {
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = end.current
    if (element === null || !hasMore || isFetching) return undefined
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting === true) readMore()
      },
      { root: scroller.current, rootMargin: `${String(marginPx)}px 0px` },
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [scroller, hasMore, isFetching, readMore])
  return end
}
