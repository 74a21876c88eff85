// An agent's draft in a conversation. It is saved over the version that its writer knows: of two tabs that both write,
// the second gets the first's version back.

import { toText } from '../../db/json.ts'
import { type Pool, queryOne, type Tx } from '../../db/pool.ts'
import { hasUploads } from '../files/uploads.ts'
import { refuse } from '../records/problem.ts'

export const draftModes = ['reply', 'note'] as const

export interface DraftFields {
  readonly content: string
  readonly mode: (typeof draftModes)[number]
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  /** Tokens of uploads. */
  readonly attachments: readonly string[]
}

export interface Draft extends DraftFields {
  readonly conversationId: number
  readonly version: number
  readonly updatedAt: Date
}

export interface DraftOwner {
  readonly accountId: number
  readonly conversationId: number
  readonly userId: number
}

const maxContent = 150_000
const maxAddresses = 500
const maxAddressLength = 1_000
const maxAttachments = 15
/** Size of all drafts of a person in an account, in bytes: they are listed in one answer. */
const maxTogether = 5_000_000

const columns = `c.display_id as "conversationId",
  d.content,
  d.mode,
  d.to_emails as "to",
  d.cc_emails as cc,
  d.bcc_emails as bcc,
  d.uploads as attachments,
  d.version,
  d.updated_at as "updatedAt"`
const from = 'drafts d join conversations c on c.id = d.conversation_id'
const mine = 'd.conversation_id = $1 and d.user_id = $2'

/** More than any person has. */
const maxListed = 1_000

export function createDrafts(pool: Pool) {
  const find = ({ conversationId, userId }: DraftOwner): Promise<Draft | null> =>
    queryOne<Draft>(pool, `select ${columns} from ${from} where ${mine}`, [conversationId, userId])
  return {
    findDraft: find,

    /** The drafts of one person in an account, in conversations that they see, latest first. */
    async listDrafts(
      { accountId, userId }: Pick<DraftOwner, 'accountId' | 'userId'>,
      visibleInboxes: readonly number[] | null,
    ): Promise<Draft[]> {
      const { rows } = await pool.query<Draft>(
        `select ${columns}
         from ${from}
         where d.user_id = $1
           and d.account_id = $2
           and c.status <> 'merged'
           and ($3::int[] is null or c.inbox_id = any($3) or c.assignee_id = $1)
         order by d.updated_at desc
         limit $4`,
        [userId, accountId, visibleInboxes, maxListed],
      )
      return rows
    },

    /**
     * Overwrites the version that the writer knows (0: none); returns false, and writes nothing, if the stored version
     * is another one. Throws 422 with a sentence.
     */
    async saveDraft(owner: DraftOwner, fields: DraftFields, version: number): Promise<boolean> {
      check(fields)
      if (fields.attachments.length > 0 && !(await hasUploads(pool, owner.accountId, fields.attachments)))
        throw refuse('attachments names a file that is not there')
      const { content, mode, to, cc, bcc, attachments } = fields
      const { conversationId, userId, accountId } = owner
      await refuseTooMany(pool, owner, [content, ...to, ...cc, ...bcc].join(''))
      const values = [conversationId, userId, toText(content), mode, to, cc, bcc, attachments]
      const { rowCount } =
        version === 0
          ? await pool.query(
              `
                insert into drafts (
                  conversation_id, user_id, content, mode, to_emails, cc_emails, bcc_emails, uploads, account_id
                )
                values ($1, $2, $3, $4, $5, $6, $7, $8::uuid[], $9)
                on conflict do nothing
              `,
              [...values, accountId],
            )
          : await pool.query(
              `update drafts d set
                 content = $3,
                 mode = $4,
                 to_emails = $5,
                 cc_emails = $6,
                 bcc_emails = $7,
                 uploads = $8::uuid[],
                 version = nextval('drafts_version_seq'),
                 updated_at = now()
               where ${mine} and d.version = $9`,
              [...values, version],
            )
      return rowCount === 1
    },

    /** Deletes it, whatever its version where none is named; false when another is there. */
    async deleteDraft(owner: DraftOwner, version: number | null): Promise<boolean> {
      await pool.query(`delete from drafts d where ${mine} and ($3::int is null or d.version = $3)`, [
        owner.conversationId,
        owner.userId,
        version,
      ])
      return (await find(owner)) === null
    },
  }
}

/** Its message was sent: the draft goes in the transaction that writes it. */
export async function endDraft(tx: Tx, conversationId: number, userId: number): Promise<void> {
  await tx.query('delete from drafts where conversation_id = $1 and user_id = $2', [conversationId, userId])
}

// The length of a text is known without reading it.
const sizeOf = (of: string): string =>
  `octet_length(${of}.content) + octet_length(concat(${of}.to_emails, ${of}.cc_emails, ${of}.bcc_emails))`

async function refuseTooMany(
  pool: Pool,
  { accountId, conversationId, userId }: DraftOwner,
  text: string,
): Promise<void> {
  const row = await queryOne<{ others: number; own: number }>(
    pool,
    `select
       coalesce(sum(${sizeOf('d')}) filter (where d.conversation_id <> $3), 0)::int as others,
       coalesce(sum(${sizeOf('d')}) filter (where d.conversation_id = $3), 0)::int as own
     from drafts d
     where d.user_id = $1 and d.account_id = $2`,
    [userId, accountId, conversationId],
  )
  const { others = 0, own = 0 } = row ?? {}
  const size = Buffer.byteLength(text)
  if (size > own && others + size > maxTogether) throw refuse('You have too many drafts: send or delete some')
}

function check({ content, to, cc, bcc, attachments }: DraftFields): void {
  if (content.length > maxContent) throw refuse(`content is too long (maximum is ${String(maxContent)} characters)`)
  const addresses = [...to, ...cc, ...bcc]
  if (addresses.length > maxAddresses || addresses.some((address) => address.length > maxAddressLength))
    throw refuse(`A draft has at most ${String(maxAddresses)} recipients`)
  if (attachments.length > maxAttachments) throw refuse(`A draft has at most ${String(maxAttachments)} attachments`)
}
