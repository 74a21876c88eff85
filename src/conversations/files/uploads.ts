// Files that are uploaded before the message, or the automation rule, that uses them, and pictures (pictures.ts). After
// a day, an upload that no rule and no picture uses is deleted: messages have their files as attachments of their own.

import { inTransaction, type Pool, queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { removeBlobs, safeFileName, storeBlobs } from './blobs.ts'
import type { NewAttachment } from './new-file.ts'

export interface Upload {
  /** By which messages and rules name it; the unguessable part of its address. */
  readonly token: string
  readonly id: number
  readonly fileName: string
  readonly contentType: string
}

const tokenPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** True if a text has the form of an upload token. Never throws. */
export function isUploadToken(text: string): boolean {
  return tokenPattern.test(text)
}

export function createUploads(pool: Pool) {
  return {
    /** Keeps a file of the account. */
    receiveUpload: (accountId: number, file: NewAttachment): Promise<Upload> =>
      inTransaction(pool, async (tx) => {
        const [hash] = await storeBlobs(tx, [file])
        const row = await queryOne<Upload>(
          tx,
          `
            insert into uploads (account_id, file_name, content_type, byte_size, blob_sha256)
            values ($1, $2, $3, $4, $5)
            returning id, token, file_name as "fileName", content_type as "contentType"
          `,
          [accountId, safeFileName(file.fileName), file.contentType, file.bytes.length, hash],
        )
        if (row === null) throw new Error('an insert returned no row')
        return row
      }),
  }
}

/** True if the account has a file of each of these names. */
export async function hasUploads(sql: Sql, accountId: number, tokens: readonly string[]): Promise<boolean> {
  if (!tokens.every(isUploadToken)) return false
  const { rowCount } = await sql.query(
    'select 1 from uploads where account_id = $1 and picture_url is null and token = any($2::uuid[])',
    [accountId, tokens],
  )
  return rowCount === new Set(tokens).size
}

/** The account's files of these names that are there, by name. */
export async function readUploads(
  sql: Sql,
  accountId: number,
  tokens: readonly string[],
): Promise<ReadonlyMap<string, Upload>> {
  const { rows } = await sql.query<Upload>(
    `
      select id, token, file_name as "fileName", content_type as "contentType"
      from uploads
      where account_id = $1 and token = any($2::uuid[])
    `,
    [accountId, tokens.filter(isUploadToken)],
  )
  return new Map(rows.map((row) => [row.token, row]))
}

/** Removes the uploads of a condition on `u`, and bytes that nothing else uses; returns how many. */
export async function removeUploads(tx: Tx, where: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await tx.query<{ hash: Buffer }>(
    `delete from uploads u where ${where} returning blob_sha256 as hash`,
    [...values],
  )
  await removeBlobs(
    tx,
    rows.map(({ hash }) => hash),
  )
  return rows.length
}

const inNoRule = `
  not exists (
    select 1
    from automation_rules r
    where r.account_id = u.account_id and position(u.token::text in r.actions::text) > 0
  )
`

/** As SQL: upload `u` is the picture of no record. */
export const ownerless = ['contacts', 'users', 'inboxes', 'agent_bots']
  .map((table) => `not exists (select 1 from ${table} r where r.avatar_url = u.picture_url)`)
  .join(' and ')
const inNoDraft = `not exists (select 1 from drafts d where d.account_id = u.account_id and u.token = any (d.uploads))`
const unused =
  `u.created_at < now() - interval '1 day' and case when u.picture_url is null then ${inNoRule} and ` +
  `${inNoDraft} else ${ownerless} end`

/** Removes uploads older than a day that no rule and no picture uses; returns how many. */
export function sweepUploads(pool: Pool): Promise<number> {
  return inTransaction(pool, (tx) => removeUploads(tx, unused, []))
}
