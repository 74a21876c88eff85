// The reader's own addresses at which they begin conversations from their mail client, one for each email inbox.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ApiError, ask } from '../../api/client'
import { inboxesQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { Secret, Section } from '../parts'
import styles from '../settings.module.css'

const addressesQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['new-conversation-addresses', accountId],
    queryFn: async () =>
      (
        await ask(
          api.GET('/api/v1/accounts/{accountId}/new_conversation_addresses', { params: { path: { accountId } } }),
        )
      ).payload,
  })

export function NewAddresses() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const query = addressesQuery(accountId)
  const { data: addresses } = useQuery(query)
  const { data: inboxes } = useQuery(inboxesQuery(accountId))
  const ofMail = inboxes?.filter(({ channel_type: type }) => type === 'Channel::Email') ?? []
  if (addresses === undefined || ofMail.length === 0) return null
  const change = async (action: () => Promise<unknown>) => {
    try {
      await action()
    } catch (error) {
      tell({ text: error instanceof ApiError ? error.message : String(error), isFailure: true })
    }
    await queries.invalidateQueries({ queryKey: query.queryKey })
  }
  const path = '/api/v1/accounts/{accountId}/inboxes/{inboxId}/new_conversation_address'
  return (
    <Section title={say('settings.newAddresses')} text={say('settings.newAddressesText')}>
      <div className={styles.checks}>
        {ofMail.map(({ id: inboxId, name }) => {
          const address = addresses.find(({ inbox_id: id }) => id === inboxId)?.new_conversation_address
          const params = { params: { path: { accountId, inboxId } } }
          const make = () => void change(() => ask(api.POST(path, params)))
          return (
            <div key={inboxId} role="group" aria-label={name} className={styles.newAddress}>
              <strong>{name}</strong>
              {address === undefined ? (
                <Button onClick={make}>{say('settings.makeAddress')}</Button>
              ) : (
                <>
                  <Secret key={address} value={address} label={say('settings.newAddressOf', { name })} />
                  <Button onClick={make}>{say('settings.replaceAddress')}</Button>
                  <Button onClick={() => void change(() => ask(api.DELETE(path, params)))}>
                    {say('settings.removeAddress')}
                  </Button>
                </>
              )}
            </div>
          )
        })}
      </div>
    </Section>
  )
}
