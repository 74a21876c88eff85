// The octets of a mail as text; the whole of it is a download.

import { useQuery } from '@tanstack/react-query'

import { fileSize } from '../../conversations/thread/file-size'
import { Skeleton } from '../../ui/skeleton'
import { useWords } from '../../words/words'
import styles from './one-mail.module.css'

const maxShown = 200_000

export function RawMail({ accountId, id }: { readonly accountId: number; readonly id: number }) {
  const say = useWords()
  const address = `/api/v1/accounts/${String(accountId)}/inbound_emails/${String(id)}/raw`
  const { data, error } = useQuery({
    queryKey: ['mail', accountId, 'one', id, 'raw'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const response = await fetch(address, { credentials: 'same-origin', signal })
      if (!response.ok) throw new Error(say('mail.rawGone'))
      const bytes = new Uint8Array(await response.arrayBuffer())
      return { text: new TextDecoder('utf-8').decode(bytes.subarray(0, maxShown)), size: bytes.length }
    },
  })
  if (error !== null) return <p className={styles.none}>{error.message}</p>
  if (data === undefined) return <Skeleton rows={4} label={say('common.loading')} />
  return (
    <>
      <p className={styles.line}>
        <a href={address} download>
          {say('mail.one.download')} ({fileSize(data.size)})
        </a>
        {data.size > maxShown && <span> {say('mail.one.rawCut', { size: fileSize(maxShown) })}</span>}
      </p>
      <pre className={styles.raw} tabIndex={0}>
        {data.text}
      </pre>
    </>
  )
}
