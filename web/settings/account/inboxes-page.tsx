// The account's inboxes: a new one for an address, its name, its greeting, and who sees it.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { inboxesQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { Chip } from '../../ui/chip'
import { AreaField, CheckField, TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { Secret } from '../parts'
import { RecordForm, RecordList } from '../record-list'
import { useForm } from '../use-form'
import { MembersField } from './members-field'
import { inboxMembersQuery } from './members-query'
import { TransportField } from './transport-field'

type Inbox = Schemas['Inbox']

const addressOf = (inbox: Inbox): string => (typeof inbox['email'] === 'string' ? inbox['email'] : '')

export function InboxesPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(inboxesQuery(accountId))
  return (
    <RecordList
      title={say('settings.inboxes')}
      text={say('settings.inboxesText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      show={(inbox) => ({
        name: (
          <>
            {inbox.name}
            {inbox.channel_type !== 'Channel::Email' && <Chip>{inbox.channel_type.replace('Channel::', '')}</Chip>}
          </>
        ),
        detail: addressOf(inbox),
      })}
      addLabel={say('settings.newInbox')}
      emptyTitle={say('settings.noInboxes')}
      editor={(inbox, onDone) =>
        inbox === null ? <NewInbox onDone={onDone} /> : <InboxForm inbox={inbox} onDone={onDone} />
      }
      remove={async ({ id }) => {
        await ask(api.DELETE('/api/v1/accounts/{accountId}/inboxes/{id}', { params: { path: { accountId, id } } }))
        await queries.invalidateQueries({ queryKey: inboxesQuery(accountId).queryKey })
      }}
      removeText={say('settings.deleteInboxText')}
    />
  )
}

function NewInbox({ onDone }: { readonly onDone: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const form = useForm({
    saved: { name: '', email: '' },
    send: async ({ name, email }) => {
      const body = { name, channel: { type: 'email', email } }
      await ask(api.POST('/api/v1/accounts/{accountId}/inboxes', { params: { path: { accountId } }, body }))
      await queries.invalidateQueries({ queryKey: inboxesQuery(accountId).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone} submit={say('settings.create')}>
      <TextField
        label={say('settings.name')}
        required
        value={values.name}
        onChange={set('name')}
        error={errorOf('name')}
      />
      <TextField
        label={say('settings.inboxAddress')}
        hint={say('settings.inboxAddressHint')}
        type="email"
        required
        value={values.email}
        onChange={set('email')}
        error={errorOf('email')}
      />
    </RecordForm>
  )
}

function InboxForm({ inbox, onDone }: { readonly inbox: Inbox; readonly onDone: () => void }) {
  const accountId = useAccountId()
  const { data: members } = useQuery(inboxMembersQuery(accountId, inbox.id))
  return members === undefined ? null : (
    <KnownInboxForm inbox={inbox} memberIds={members.map(({ id }) => id)} onDone={onDone} />
  )
}

interface KnownInboxProps {
  readonly inbox: Inbox
  readonly memberIds: readonly number[]
  readonly onDone: () => void
}

function KnownInboxForm({ inbox, memberIds, onDone }: KnownInboxProps) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const forwardTo = typeof inbox['forward_to_email'] === 'string' ? inbox['forward_to_email'] : ''
  const form = useForm({
    saved: {
      name: inbox.name,
      enable_auto_assignment: inbox.enable_auto_assignment,
      greeting_enabled: inbox.greeting_enabled,
      greeting_message: inbox.greeting_message ?? '',
      signature: inbox.signature ?? '',
      mail_color: inbox.mail_color ?? '',
      transport: inbox.transport ?? '',
      isQuoting: inbox.quote_history === 'last',
      memberIds,
    },
    send: async ({ memberIds: chosen, isQuoting, ...fields }) => {
      const { id } = inbox
      const body = { ...fields, quote_history: isQuoting ? ('last' as const) : ('none' as const) }
      await ask(api.PATCH('/api/v1/accounts/{accountId}/inboxes/{id}', { params: { path: { accountId, id } }, body }))
      const members = { inbox_id: id, user_ids: [...chosen] }
      await ask(
        api.PATCH('/api/v1/accounts/{accountId}/inbox_members', { params: { path: { accountId } }, body: members }),
      )
      await queries.invalidateQueries({ queryKey: inboxesQuery(accountId).queryKey })
      await queries.invalidateQueries({ queryKey: inboxMembersQuery(accountId, id).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone}>
      <TextField label={say('settings.name')} value={values.name} onChange={set('name')} error={errorOf('name')} />
      {forwardTo !== '' && (
        <div>
          <p>{say('settings.forwardTo')}</p>
          <Secret value={forwardTo} label={say('settings.forwardTo')} />
        </div>
      )}
      <MembersField label={say('settings.members')} chosen={values.memberIds} onChange={set('memberIds')} />
      <CheckField
        label={say('settings.autoAssign')}
        isOn={values.enable_auto_assignment}
        onChange={set('enable_auto_assignment')}
      />
      <CheckField label={say('settings.greets')} isOn={values.greeting_enabled} onChange={set('greeting_enabled')} />
      {values.greeting_enabled && (
        <AreaField
          label={say('settings.greeting')}
          value={values.greeting_message}
          onChange={set('greeting_message')}
          error={errorOf('greeting_message')}
        />
      )}
      <AreaField
        label={say('settings.inboxSignature')}
        hint={say('settings.inboxSignatureHint')}
        value={values.signature}
        onChange={set('signature')}
        error={errorOf('signature')}
      />
      <TextField
        label={say('settings.mailColor')}
        placeholder="#0f766e"
        value={values.mail_color}
        onChange={set('mail_color')}
        error={errorOf('mail_color')}
      />
      <TransportField
        value={values.transport}
        usual={() => say('settings.transportOfAccount')}
        onChange={set('transport')}
        error={errorOf('transport')}
      />
      <CheckField label={say('settings.quotes')} isOn={values.isQuoting} onChange={set('isQuoting')} />
    </RecordForm>
  )
}
