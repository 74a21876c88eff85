// In development: an entry of a conversation's menu that lets a random message of the contact arrive.

import { useQuery } from '@tanstack/react-query'

import { api, ask, type Conversation } from '../api/client'
import { MenuEntry, MenuLine } from '../ui/menu'
import { tell } from '../ui/toast'
import { useWords } from '../words/words'

const path = '/api/v1/accounts/{accountId}/conversations/{displayId}/random_message' as const

export function RandomMessageEntry({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const { account_id: accountId, id: displayId } = conversation
  const at = { params: { path: { accountId, displayId } } }
  const { data } = useQuery({
    queryKey: ['random-message', accountId],
    staleTime: Infinity,
    queryFn: () => ask(api.GET(path, at)),
  })
  if (data?.enabled !== true) return null
  return (
    <>
      <MenuLine />
      <MenuEntry
        onSelect={() => {
          ask(api.POST(path, at)).catch((error: unknown) => {
            tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
          })
        }}
      >
        {say('thread.random')}
      </MenuEntry>
    </>
  )
}
