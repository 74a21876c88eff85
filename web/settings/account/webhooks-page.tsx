// Webhooks: which URLs receive which events. A test shows the answer of the receiver.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { CheckField, TextField } from '../../ui/field'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { Secret } from '../parts'
import { RecordForm, RecordList } from '../record-list'
import styles from '../settings.module.css'
import { useForm } from '../use-form'

type Webhook = Schemas['Webhook']

const events = [
  'conversation_created',
  'conversation_status_changed',
  'conversation_updated',
  'message_created',
  'message_updated',
  'contact_created',
  'contact_updated',
] as const

const webhooksQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['webhooks', accountId],
    queryFn: async () =>
      (await ask(api.GET('/api/v1/accounts/{accountId}/webhooks', { params: { path: { accountId } } }))).payload
        .webhooks,
  })

export function WebhooksPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(webhooksQuery(accountId))
  const test = async ({ id }: Webhook) => {
    try {
      const params = { path: { accountId, id } }
      await ask(api.POST('/api/v1/accounts/{accountId}/webhooks/{id}/test', { params }))
      tell({ text: say('settings.testSent') })
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
    }
  }
  return (
    <RecordList
      title={say('settings.webhooks')}
      text={say('settings.webhooksText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={({ name, url }) => name ?? url}
      show={(webhook) => ({
        name: (
          <>
            {webhook.name ?? webhook.url}
            {webhook.disabled_at !== null && (
              <Chip look="failed" title={webhook.disabled_reason ?? ''}>
                {say('settings.disabled')}
              </Chip>
            )}
          </>
        ),
        detail: webhook.name === null ? webhook.subscriptions.join(', ') : webhook.url,
        actions: (
          <Button look="quiet" onClick={() => void test(webhook)}>
            {say('settings.sendTest')}
          </Button>
        ),
      })}
      addLabel={say('settings.newWebhook')}
      emptyTitle={say('settings.noWebhooks')}
      editor={(webhook, onDone) => <WebhookForm webhook={webhook} onDone={onDone} />}
      remove={async ({ id }) => {
        await ask(api.DELETE('/api/v1/accounts/{accountId}/webhooks/{id}', { params: { path: { accountId, id } } }))
        await queries.invalidateQueries({ queryKey: webhooksQuery(accountId).queryKey })
      }}
      removeText={say('settings.deleteWebhookText')}
    />
  )
}

function WebhookForm({ webhook, onDone }: { readonly webhook: Webhook | null; readonly onDone: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const form = useForm({
    saved: {
      name: webhook?.name ?? '',
      url: webhook?.url ?? '',
      subscriptions: webhook?.subscriptions ?? ['message_created'],
    },
    send: async (body) => {
      const path = { accountId }
      if (webhook === null) await ask(api.POST('/api/v1/accounts/{accountId}/webhooks', { params: { path }, body }))
      else
        await ask(
          api.PATCH('/api/v1/accounts/{accountId}/webhooks/{id}', {
            params: { path: { ...path, id: webhook.id } },
            body,
          }),
        )
      await queries.invalidateQueries({ queryKey: webhooksQuery(accountId).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  // What another program has subscribed to stays.
  const shown = [...new Set([...events, ...values.subscriptions])]
  return (
    <RecordForm form={form} onClose={onDone} {...(webhook === null ? { submit: say('settings.create') } : {})}>
      <TextField
        label={say('settings.url')}
        type="url"
        required
        value={values.url}
        onChange={set('url')}
        error={errorOf('url')}
      />
      <TextField label={say('settings.name')} value={values.name} onChange={set('name')} error={errorOf('name')} />
      <fieldset className={styles.members}>
        <legend>{say('settings.events')}</legend>
        {shown.map((event) => (
          <CheckField
            key={event}
            label={event}
            isOn={values.subscriptions.includes(event)}
            onChange={(isOn) => {
              set('subscriptions')(
                isOn ? [...values.subscriptions, event] : values.subscriptions.filter((one) => one !== event),
              )
            }}
          />
        ))}
      </fieldset>
      {webhook !== null && <Secret value={webhook.secret} label={say('settings.webhookSecret')} />}
    </RecordForm>
  )
}
