// Whoever comes from outside through a website's widget or an app, without an account of ours: known by their place's source id, which only they
// have. What they say of themselves is theirs to say, but never makes them somebody whom we know: that takes the proof of the site's own server,
// an HMAC over the identifier (Chatwoot's identity validation).

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

import type { Db } from '../../db/client.ts'
import { queryOne, type Pool } from '../../db/pool.ts'
import type { ContactFields } from '../contacts/contact-fields.ts'
import { claimMark, isClaimed, takeClaims } from '../contacts/claims.ts'
import type { createContacts } from '../contacts/contacts.ts'
import type { Saved } from '../problem.ts'
import { inboxInclude, toInboxRow } from '../row-mapping.ts'
import type { ContactWithInboxes, InboxRow } from '../rows.ts'

/** Where visitors come in. */
export interface Door {
  readonly inbox: InboxRow
  /** Null = anywhere. */
  readonly authorizedDomains: readonly string[] | null
}

export interface Visitor {
  readonly contact: ContactWithInboxes
  /** Their place in the inbox. */
  readonly place: { readonly id: number; readonly sourceId: string; readonly pubsubToken: string; readonly verified: boolean }
}

export interface Introduction {
  readonly fields: ContactFields
  /** Hex HMAC-SHA256 of the identifier with the inbox's token. */
  readonly identifierHash: string | null
  readonly sourceId: string | null
}

export type Entered = { readonly visitor: Visitor } | 'unproven' | Exclude<Saved<never>, { saved: never }>

interface Ground {
  readonly db: Db
  readonly pool: Pool
  readonly contacts: ReturnType<typeof createContacts>
}

export function createVisitors(ground: Ground) {
  return {
    /** The inbox that has this identifier or website token, of an account that is active; or null. */
    async findDoor(identifier: string): Promise<Door | null> {
      const record = await ground.db.inbox.findFirst({ where: { account: { status: 'active' }, channel: { OR: [{ identifier }, { websiteToken: identifier }] } }, include: inboxInclude })
      if (record === null) return null
      const inbox = toInboxRow(record)
      const domains = inbox.channel.settings['authorized_domains']
      return { inbox, authorizedDomains: Array.isArray(domains) && domains.length > 0 ? domains.map(String) : null }
    },

    findVisitor: (inbox: InboxRow, sourceId: string) => findVisitor(ground, inbox, sourceId),

    /** Makes a place for a visitor, or finds the one that they name. */
    async enter(inbox: InboxRow, introduction: Introduction): Promise<Entered> {
      const proof = proofOf(inbox, introduction)
      if (proof === 'wrong') return 'unproven'
      const there = introduction.sourceId === null ? null : await findVisitor(ground, inbox, introduction.sourceId)
      if (there !== null) return { visitor: there }
      const known = await findByIdentifier(ground, inbox.accountId, { introduction, proof })
      if (known !== null && proof !== 'proven') return 'unproven'
      const place = { inboxId: inbox.id, sourceId: introduction.sourceId ?? randomUUID(), verified: proof === 'proven' }
      if (known === null) {
        const made = await withoutClaims(asTold(introduction.fields, proof), (fields) => ground.contacts.createContact(inbox.accountId, fields, place))
        if ('problems' in made) return made
      } else await ground.contacts.joinInbox({ ...place, contactId: known })
      return enteredAs(await findVisitor(ground, inbox, place.sourceId))
    },

    /** Changes what a visitor says of themselves; proven to be a contact whom we know, they and that contact become one. */
    async introduce(inbox: InboxRow, visitor: Visitor, introduction: Introduction): Promise<Entered> {
      const proof = proofOf(inbox, introduction, visitor.place.verified)
      if (proof === 'wrong') return 'unproven'
      if (isSomebodyElse(visitor.contact, introduction.fields)) return { problems: [{ attribute: 'identifier', message: 'is not the one this visitor is known by: come in anew, without their source_id' }] }
      const known = await findByIdentifier(ground, inbox.accountId, { introduction, proof })
      if (known !== null && known !== visitor.contact.id) {
        if (proof !== 'proven') return 'unproven'
        await ground.contacts.mergeContacts({ accountId: inbox.accountId, baseId: known, mergeeId: visitor.contact.id })
      }
      const now = (await ground.contacts.findContact(inbox.accountId, known ?? visitor.contact.id)) ?? visitor.contact
      const saved = await withoutClaims(asTold(introduction.fields, proof), (fields) => ground.contacts.updateContact(now, fields))
      if ('problems' in saved) return saved
      if (proof === 'proven') await believe(ground.pool, visitor.place.id)
      return enteredAs(await findVisitor(ground, inbox, visitor.place.sourceId))
    },
  }
}

function enteredAs(visitor: Visitor | null): Entered {
  return visitor === null ? { problems: [] } : { visitor }
}

async function findVisitor({ pool, contacts }: Ground, inbox: InboxRow, sourceId: string): Promise<Visitor | null> {
  const place = await queryOne<{ id: number; contact_id: number; pubsub_token: string; hmac_verified: boolean }>(
    pool,
    'select id, contact_id, pubsub_token, hmac_verified from contact_inboxes where inbox_id = $1 and source_id = $2',
    [inbox.id, sourceId],
  )
  const contact = place === null ? null : await contacts.findContact(inbox.accountId, place.contact_id)
  return place === null || contact === null ? null : { contact, place: { id: place.id, sourceId, pubsubToken: place.pubsub_token, verified: place.hmac_verified } }
}

type Proof = 'proven' | 'none' | 'wrong'

// Who is proven already needs no further proof.
function proofOf({ channel }: InboxRow, { fields, identifierHash }: Introduction, isProven = false): Proof {
  const isNeeded = channel.settings['hmac_mandatory'] === true && !isProven
  if (identifierHash === null) return isNeeded ? 'wrong' : 'none'
  const expected = createHmac('sha256', channel.hmacToken)
    .update(fields.identifier ?? '', 'utf8')
    .digest()
  const given = Buffer.from(/^[0-9a-f]{64}$/i.test(identifierHash) ? identifierHash : '', 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected) ? 'proven' : 'wrong'
}

// Whoever proves an identifier takes it from a contact that only claims it, whoever made that one: the two never become one.
async function findByIdentifier({ pool }: Ground, accountId: number, { introduction, proof }: { readonly introduction: Introduction; readonly proof: Proof }): Promise<number | null> {
  const identifier = introduction.fields.identifier?.trim() ?? ''
  if (identifier === '') return null
  if (proof === 'proven') await takeClaims(pool, { accountId, identifiers: [identifier] })
  const row = await queryOne<{ id: number }>(pool, 'select id from contacts where account_id = $1 and identifier = $2', [accountId, identifier])
  return row?.id ?? null
}

function isSomebodyElse({ identifier, additionalAttributes }: ContactWithInboxes, fields: ContactFields): boolean {
  if (identifier === null || fields.identifier === undefined) return false
  return additionalAttributes[claimMark] !== identifier && fields.identifier?.trim() !== identifier
}

// Without proof an identifier is a claim, told as one: nobody else has it, yet. So is an address, until mail has come from it.
function asTold(fields: ContactFields, proof: Proof): ContactFields {
  if (proof === 'proven') return fields
  const [identifier, email] = [fields.identifier?.trim() ?? '', fields.email?.trim().toLowerCase() ?? '']
  const claims = { ...(identifier === '' ? {} : { [claimMark]: identifier }), ...(email === '' ? {} : { unconfirmed_email: email }) }
  return Object.keys(claims).length === 0 ? fields : { ...fields, additionalAttributes: { ...fields.additionalAttributes, ...claims } }
}

async function believe(pool: Pool, placeId: number): Promise<void> {
  await pool.query(
    `with place as (update contact_inboxes set hmac_verified = true, updated_at = now() where id = $1 returning contact_id)
     update contacts set additional_attributes = additional_attributes - '${claimMark}' where id = (select contact_id from place) and ${isClaimed}`,
    [placeId],
  )
}

const claimable = { email: 'email', phone_number: 'phoneNumber' } as const

// An address or number that is another contact's stays theirs: what the visitor claims is kept for people to see, and is written to by nobody.
async function withoutClaims<T>(fields: ContactFields, save: (fields: ContactFields) => Promise<Saved<T>>): Promise<Saved<T>> {
  const saved = await save(fields)
  if (!('problems' in saved)) return saved
  const claims = saved.problems.filter(({ attribute, message }) => attribute in claimable && message === 'has already been taken').map(({ attribute }) => attribute as keyof typeof claimable)
  if (claims.length === 0) return saved
  const claimed = Object.fromEntries(claims.map((name) => [`claimed_${name}`, fields[claimable[name]]]))
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !claims.some((claim) => claimable[claim] === name)))
  return withoutClaims({ ...rest, additionalAttributes: { ...fields.additionalAttributes, ...claimed } }, save)
}
