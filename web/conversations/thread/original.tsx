// The mail as its sender wrote it. Remote pictures stay off until the reader asks for them, then they come through the
// service, so that the sender learns nothing of the reader.

import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'

import { api, ask } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { localUrl } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { MailFrame } from '../../ui/mail-frame'
import { useWords } from '../../words/words'
import type { ShownMessage } from './messages-query'
import styles from './original.module.css'

export function Original({ message }: { readonly message: ShownMessage }) {
  const say = useWords()
  const [hidden, setHidden] = useState(0)
  const [hasPictures, setPictures] = useState(false)
  const { data, error, refetch } = useHtml(message)
  const inline = useMemo(
    () => new Map(data?.inline_pictures.map((one) => [one.content_id.toLowerCase(), localUrl(one.data_url)])),
    [data],
  )
  const remote = useMemo(() => new Map(data?.remote_pictures.map((one) => [one.url, localUrl(one.proxy_url)])), [data])
  const findInline = useCallback((contentId: string) => inline.get(contentId.toLowerCase()) ?? null, [inline])
  const findRemote = useCallback((url: string) => remote.get(url) ?? null, [remote])
  if (error !== null)
    return (
      <p className={styles.line}>
        {say('thread.originalFailed')} <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
      </p>
    )
  if (data?.html == null) return null
  return (
    <div className={styles.original}>
      {hidden > 0 && !hasPictures && (
        <p className={styles.line}>
          {say('thread.picturesOff', { count: hidden })}
          <Button
            look="quiet"
            onClick={() => {
              setPictures(true)
            }}
          >
            {say('thread.picturesOn')}
          </Button>
        </p>
      )}
      <MailFrame
        html={data.html}
        title={say('thread.originalOf', { name: message.sender?.name ?? '' })}
        findInline={findInline}
        findRemote={hasPictures ? findRemote : null}
        onHidden={setHidden}
      />
    </div>
  )
}

function useHtml({ conversation_id: displayId, id }: ShownMessage) {
  const accountId = useAccountId()
  return useQuery({
    queryKey: ['message-html', accountId, displayId, id],
    // The addresses of pictures hold for an hour.
    staleTime: 45 * 60_000,
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}/messages/{id}/html', {
          params: { path: { accountId, displayId, id } },
          signal,
        }),
      ),
  })
}
