// A list of the account's records of one kind: each with its actions, one dialog to write them, one to delete them.

import { Pencil, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'

import { Button, IconButton } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Empty } from '../ui/empty'
import { StackedFields } from '../ui/field'
import { useWords } from '../words/words'
import { Page } from './parts'
import styles from './settings.module.css'
import { type Form, useForm } from './use-form'

interface RowWords {
  readonly name: ReactNode
  readonly detail?: ReactNode
  readonly mark?: ReactNode
  readonly actions?: ReactNode
}

interface RecordListProps<Row> {
  readonly title: string
  readonly text: string
  /** Undefined: still loading. */
  readonly rows: readonly Row[] | undefined
  readonly keyOf: (row: Row) => string | number
  /** The row's name, for the names of its buttons. */
  readonly nameOf: (row: Row) => string
  readonly show: (row: Row) => RowWords
  readonly addLabel?: string
  readonly emptyTitle: string
  /** The dialog's form; null = a new record. */
  readonly editor?: (row: Row | null, onDone: () => void) => ReactNode
  readonly remove?: (row: Row) => Promise<unknown>
  /** What deleting one means. */
  readonly removeText?: string
  readonly removeLabel?: string
  readonly mayEdit?: (row: Row) => boolean
  /** False: records are made and deleted, and never changed. */
  readonly canEdit?: boolean
}

export function RecordList<Row>(props: RecordListProps<Row>) {
  const { title, text, rows, addLabel, emptyTitle, editor } = props
  const [edited, setEdited] = useState<Row | 'new' | null>(null)
  const [removed, setRemoved] = useState<Row | null>(null)
  const close = () => {
    setEdited(null)
  }
  const add =
    editor === undefined || addLabel === undefined ? undefined : (
      <Button
        look="primary"
        onClick={() => {
          setEdited('new')
        }}
      >
        {addLabel}
      </Button>
    )
  return (
    <Page title={title} text={text} action={rows?.length === 0 ? undefined : add}>
      {rows?.length === 0 && <Empty title={emptyTitle}>{add}</Empty>}
      {rows !== undefined && rows.length > 0 && (
        <ul className={styles.rows}>
          {rows.map((row) => (
            <RecordRow key={props.keyOf(row)} {...props} row={row} onEdit={setEdited} onRemove={setRemoved} />
          ))}
        </ul>
      )}
      {editor !== undefined && (
        <Dialog
          title={edited === null || edited === 'new' ? (addLabel ?? '') : props.nameOf(edited)}
          isOpen={edited !== null}
          onClose={close}
        >
          {edited !== null && editor(edited === 'new' ? null : edited, close)}
        </Dialog>
      )}
      <RemoveDialog
        {...props}
        row={removed}
        onClose={() => {
          setRemoved(null)
        }}
      />
    </Page>
  )
}

type RecordRowProps<Row> = RecordListProps<Row> & {
  readonly row: Row
  readonly onEdit: (row: Row) => void
  readonly onRemove: (row: Row) => void
}

function RecordRow<Row>({
  row,
  show,
  nameOf,
  editor,
  remove,
  removeLabel,
  mayEdit,
  canEdit = true,
  onEdit,
  onRemove,
}: RecordRowProps<Row>) {
  const say = useWords()
  const { name, detail, mark, actions } = show(row)
  const mayChange = mayEdit?.(row) ?? true
  return (
    <li className={styles.row}>
      {mark}
      <div className={styles.words}>
        <div className={styles.name}>{name}</div>
        {detail !== undefined && <div className={styles.detail}>{detail}</div>}
      </div>
      <div className={styles.actions}>
        {actions}
        {editor !== undefined && canEdit && mayChange && (
          <IconButton
            label={say('settings.editNamed', { name: nameOf(row) })}
            onClick={() => {
              onEdit(row)
            }}
          >
            <Pencil />
          </IconButton>
        )}
        {remove !== undefined && mayChange && (
          <IconButton
            label={`${removeLabel ?? say('common.delete')}: ${nameOf(row)}`}
            onClick={() => {
              onRemove(row)
            }}
          >
            <Trash2 />
          </IconButton>
        )}
      </div>
    </li>
  )
}

type RemoveDialogProps<Row> = RecordListProps<Row> & { readonly row: Row | null; readonly onClose: () => void }

function RemoveDialog<Row>({ row, nameOf, remove, removeText = '', removeLabel, onClose }: RemoveDialogProps<Row>) {
  const say = useWords()
  return (
    <ConfirmDialog
      action={removeLabel ?? say('common.delete')}
      name={row === null ? null : nameOf(row)}
      text={removeText}
      onConfirm={async () => {
        if (row !== null) await remove?.(row)
      }}
      onClose={onClose}
    />
  )
}

interface ConfirmDialogProps {
  /** What is done: the label of its button. */
  readonly action: string
  /** The record to which it is done; null: nothing is asked. */
  readonly name: string | null
  /** What it means. */
  readonly text: string
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

/** Asks before something is removed. */
export function ConfirmDialog({ action, name, text, onConfirm, onClose }: ConfirmDialogProps) {
  const form = useForm({
    saved: {},
    isQuiet: true,
    send: async () => {
      await onConfirm()
      onClose()
    },
  })
  return (
    <Dialog title={name === null ? action : `${action}: ${name}`} isOpen={name !== null} onClose={onClose}>
      <form className={styles.dialog} onSubmit={form.submit}>
        <p>{text}</p>
        <DialogFoot form={form} onClose={onClose} submit={action} isDanger />
      </form>
    </Dialog>
  )
}

interface DialogFootProps {
  readonly form: Pick<Form<object>, 'error' | 'isBusy'>
  readonly onClose: () => void
  readonly submit: string
  readonly isDanger?: boolean
}

function DialogFoot({ form, onClose, submit, isDanger = false }: DialogFootProps) {
  const say = useWords()
  return (
    <>
      {form.error !== null && (
        <p className={styles.failed} role="alert">
          {form.error}
        </p>
      )}
      <div className={styles.dialogActions}>
        <Button onClick={onClose}>{say('common.cancel')}</Button>
        <Button type="submit" look={isDanger ? 'danger' : 'primary'} disabled={form.isBusy}>
          {submit}
        </Button>
      </div>
    </>
  )
}

interface RecordFormProps {
  readonly form: Pick<Form<object>, 'submit' | 'error' | 'isBusy'>
  readonly onClose: () => void
  readonly submit?: string
  readonly children: ReactNode
}

/** The form of a record, in its dialog. */
export function RecordForm({ form, onClose, submit, children }: RecordFormProps) {
  const say = useWords()
  return (
    <form className={styles.dialog} onSubmit={form.submit}>
      <StackedFields>{children}</StackedFields>
      <DialogFoot form={form} onClose={onClose} submit={submit ?? say('common.save')} />
    </form>
  )
}
