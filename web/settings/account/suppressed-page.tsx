// The addresses that the account does not mail: why, since when, and the message and report that put them there. All
// members read the list; administrators change it.

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useState } from 'react'

import { api, ask } from '../../api/client'
import { suppressedKey, suppressedQuery } from '../../api/suppressed'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Empty } from '../../ui/empty'
import { TextField } from '../../ui/field'
import { Skeleton } from '../../ui/skeleton'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { parseListView } from '../list-view'
import { Page } from '../parts'
import { ConfirmDialog, RecordForm } from '../record-list'
import settingsStyles from '../settings.module.css'
import { useForm } from '../use-form'
import { useReader } from '../use-reader'
import styles from './suppressed-page.module.css'
import { type Suppressed, SuppressedRow } from './suppressed-row'

const perPage = 25

export function SuppressedPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { isAdministrator } = useReader()
  // The router passes on what `validateSearch` leaves out, so it is read once more.
  const { q: search = '', p: page = 1 } = parseListView({
    ...useSearch({ from: '/app/accounts/$accountId/settings/$page' }),
  })
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...suppressedQuery(accountId, { search, page }),
    placeholderData: keepPreviousData,
  })
  const [isAdding, setAdding] = useState(false)
  const [removed, setRemoved] = useState<Suppressed | null>(null)
  const readAgain = () => queries.invalidateQueries({ queryKey: suppressedKey(accountId) })
  const add = isAdministrator ? (
    <Button
      onClick={() => {
        setAdding(true)
      }}
    >
      {say('suppressed.add')}
    </Button>
  ) : undefined
  return (
    <Page title={say('settings.suppressed')} text={say('suppressed.text')} action={add}>
      {(search !== '' || (data !== undefined && data.meta.count > 0)) && <Words search={search} />}
      {data === undefined && error === null && <Skeleton rows={6} label={say('common.loading')} />}
      {data === undefined && error !== null && (
        <Empty title={say('suppressed.failed')} text={error.message}>
          <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
        </Empty>
      )}
      {data?.payload.length === 0 && (
        <Empty
          title={say(search === '' ? 'suppressed.none' : 'suppressed.noneFound')}
          text={say(search === '' ? 'suppressed.noneText' : 'suppressed.noneFoundText')}
        />
      )}
      {data !== undefined && data.payload.length > 0 && (
        <div aria-busy={isPlaceholderData}>
          <ul className={settingsStyles.rows} aria-label={say('settings.suppressed')}>
            {data.payload.map((row) => (
              <SuppressedRow key={row.id} row={row} onRemove={isAdministrator ? setRemoved : null} />
            ))}
          </ul>
          <Paging count={data.meta.count} search={search} page={page} />
        </div>
      )}
      <Dialog
        title={say('suppressed.add')}
        isOpen={isAdding}
        onClose={() => {
          setAdding(false)
        }}
      >
        <AddForm
          onDone={() => {
            setAdding(false)
            void readAgain()
          }}
        />
      </Dialog>
      <ConfirmDialog
        action={say('suppressed.remove')}
        name={removed?.email ?? null}
        text={say('suppressed.removeText')}
        onConfirm={async () => {
          if (removed === null) return
          const path = { accountId, id: removed.id }
          await ask(api.DELETE('/api/v1/accounts/{accountId}/suppressed_addresses/{id}', { params: { path } }))
          await readAgain()
          tell({ text: say('suppressed.removed', { email: removed.email }) })
        }}
        onClose={() => {
          setRemoved(null)
        }}
      />
    </Page>
  )
}

function useShow() {
  const accountId = useAccountId()
  const navigate = useNavigate()
  return (search: { readonly q?: string; readonly p?: number }) =>
    void navigate({
      to: '/app/accounts/$accountId/settings/$page',
      params: { accountId, page: 'suppressed' },
      search,
      replace: true,
    })
}

function Words({ search }: { readonly search: string }) {
  const say = useWords()
  const show = useShow()
  const [text, setText] = useState(search)
  return (
    <form
      className={styles.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        show(text.trim() === '' ? {} : { q: text.trim() })
      }}
    >
      <Search aria-hidden="true" />
      <input
        type="search"
        value={text}
        aria-label={say('suppressed.search')}
        placeholder={say('suppressed.search')}
        spellCheck={false}
        onChange={({ target }) => {
          setText(target.value)
          if (target.value === '' && search !== '') show({})
        }}
      />
    </form>
  )
}

interface PagingProps {
  readonly count: number
  readonly search: string
  readonly page: number
}

function Paging({ count, search, page }: PagingProps) {
  const say = useWords()
  const show = useShow()
  if (count <= perPage) return null
  const [first, last] = [(page - 1) * perPage + 1, Math.min(page * perPage, count)]
  const turn = (to: number) => () => {
    show({ ...(search === '' ? {} : { q: search }), ...(to === 1 ? {} : { p: to }) })
  }
  return (
    <nav className={styles.paging} aria-label={say('suppressed.pages')}>
      <span>{say('suppressed.range', { first, last, count })}</span>
      <Button disabled={page === 1} onClick={turn(page - 1)}>
        {say('suppressed.newer')}
      </Button>
      <Button disabled={last >= count} onClick={turn(page + 1)}>
        {say('suppressed.older')}
      </Button>
    </nav>
  )
}

function AddForm({ onDone }: { readonly onDone: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const form = useForm({
    saved: { email: '', reason: '' },
    isQuiet: true,
    send: async (body) => {
      const params = { path: { accountId } }
      await ask(api.POST('/api/v1/accounts/{accountId}/suppressed_addresses', { params, body }))
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone} submit={say('suppressed.add')}>
      <TextField
        label={say('settings.email')}
        type="email"
        required
        autoComplete="off"
        value={values.email}
        onChange={set('email')}
        error={errorOf('email')}
      />
      <TextField
        label={say('suppressed.note')}
        hint={say('suppressed.noteHint')}
        value={values.reason}
        onChange={set('reason')}
        error={errorOf('reason')}
      />
    </RecordForm>
  )
}
