// The title of the page: what is looked at, then the product.

import { useEffect } from 'react'

export function usePageTitle(title: string): void {
  useEffect(() => {
    const mark = /^\(\d+\+?\) /.exec(document.title)?.[0] ?? ''
    document.title = `${mark}${title} · Rethread`
  }, [title])
}
