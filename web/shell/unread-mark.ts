// How many of my open conversations have something unread: in the rail, in the title and in the page's icon.

import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { unreadQuery } from '../conversations/counts'
import { useAccountId } from './go'

export function useUnreadMark(): number {
  const { data: unread = 0 } = useQuery(unreadQuery(useAccountId()))
  useEffect(() => {
    document.title = document.title.replace(/^(\(\d+\+?\) )?/, unread > 0 ? `(${String(unread)}) ` : '')
  }, [unread])
  return unread
}
