// What stands where a page cannot: an address that names nothing, or a fault while reading.

import { Link, useRouter } from '@tanstack/react-router'

import { ApiError } from '../api/client'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { useWords } from '../words/words'

export function NotFound() {
  const say = useWords()
  return (
    <Empty title={say('shell.notFound.title')} text={say('shell.notFound.text')}>
      <Link to="/">{say('shell.notFound.home')}</Link>
    </Empty>
  )
}

export function RouteError({ error }: { readonly error: unknown }) {
  const say = useWords()
  const router = useRouter()
  const isOffline = error instanceof ApiError && error.status === 0
  const fault = error instanceof Error ? error.message : say('shell.fault.text')
  return (
    <Empty
      title={say(isOffline ? 'shell.offline.title' : 'shell.fault.title')}
      text={isOffline ? say('shell.offline.text') : fault}
    >
      <Button onClick={() => void router.invalidate()}>{say('common.tryAgain')}</Button>
    </Empty>
  )
}
