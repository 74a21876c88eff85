// Files of a message that is being written: uploaded at once, so that sending is quick, and shown with their state.

import { useCallback, useState } from 'react'

import { toApiError } from '../../api/client'

export interface WrittenFile {
  readonly key: string
  readonly name: string
  /** Bytes; null for a file that came back with a message that was taken back. */
  readonly size: number | null
  /** Null while it is uploaded, or when that failed. */
  readonly blobId: string | null
  readonly error: string | null
}

export interface Files {
  readonly list: readonly WrittenFile[]
  readonly add: (files: readonly File[]) => void
  readonly remove: (key: string) => void
  readonly put: (list: readonly WrittenFile[]) => void
  readonly isBusy: boolean
}

export function useFiles(accountId: number): Files {
  const [list, setList] = useState<readonly WrittenFile[]>([])
  const change = useCallback((key: string, changes: Partial<WrittenFile>) => {
    setList((before) => before.map((one) => (one.key === key ? { ...one, ...changes } : one)))
  }, [])
  const add = useCallback(
    (files: readonly File[]) => {
      for (const file of files) {
        const key = crypto.randomUUID()
        setList((before) => [...before, { key, name: file.name, size: file.size, blobId: null, error: null }])
        upload(accountId, file)
          .then((blobId) => {
            change(key, { blobId })
          })
          .catch((error: unknown) => {
            change(key, { error: error instanceof Error ? error.message : String(error) })
          })
      }
    },
    [accountId, change],
  )
  const remove = useCallback((key: string) => {
    setList((before) => before.filter((one) => one.key !== key))
  }, [])
  return {
    list,
    add,
    remove,
    put: setList,
    isBusy: list.some(({ blobId, error }) => blobId === null && error === null),
  }
}

async function upload(accountId: number, file: File): Promise<string> {
  const form = new FormData()
  form.append('attachment', file, file.name)
  const response = await fetch(`/api/v1/accounts/${String(accountId)}/upload`, {
    method: 'POST',
    credentials: 'same-origin',
    body: form,
  })
  const answer = (await response.json().catch(() => ({}))) as { readonly blob_id?: string }
  if (!response.ok || answer.blob_id === undefined) throw toApiError(response.status, answer)
  return answer.blob_id
}
