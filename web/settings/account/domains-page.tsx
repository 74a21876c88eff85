// The domains at which the account's mail is accepted: the current one, and former ones for as long as answers may
// come.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { Chip } from '../../ui/chip'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { RecordList } from '../record-list'

const domainsQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['reply-domains', accountId],
    queryFn: async () =>
      (await ask(api.GET('/api/v1/accounts/{accountId}/reply_domains', { params: { path: { accountId } } }))).payload,
  })

export function DomainsPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(domainsQuery(accountId))
  return (
    <RecordList
      title={say('settings.domains')}
      text={say('settings.domainsText')}
      rows={data}
      keyOf={({ domain }) => domain}
      nameOf={({ domain }) => domain}
      show={({ domain, state, accepted_until: until }) => ({
        name: (
          <>
            {domain}
            <Chip look={state === 'current' ? 'done' : 'plain'}>
              {say(state === 'current' ? 'settings.current' : 'settings.former')}
            </Chip>
          </>
        ),
        detail:
          state === 'current' ? undefined : (
            <>
              {say('settings.acceptedUntil')} <Time at={until} />
            </>
          ),
      })}
      emptyTitle={say('settings.noDomains')}
      mayEdit={({ state }) => state !== 'current'}
      remove={async ({ domain }) => {
        const params = { path: { accountId, domain } }
        await ask(api.DELETE('/api/v1/accounts/{accountId}/reply_domains/{domain}', { params }))
        await queries.invalidateQueries({ queryKey: domainsQuery(accountId).queryKey })
      }}
      removeText={say('settings.deleteDomainText')}
    />
  )
}
