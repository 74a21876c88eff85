// Contacts as CSV, in and out: POST …/contacts/import and …/export answer 200 with an empty body, as Chatwoot's do;
// progress and refused rows are under …/contacts/imports and …/contacts/exports (Rethread's own). Administrators only.

import { pipeline } from 'node:stream/promises'

import express from 'express'
import { z } from 'zod'

import type { TransferRow } from '../../conversations/import/transfers.ts'
import type { Ledger } from '../../ledger.ts'
import { linkTo } from '../../links.ts'
import { found, unprocessable } from '../input/fault.ts'
import { filledText, idOf, list, objects } from '../input/fields.ts'
import { epoch, id, listOf, maybeText, named } from '../present/kinds.ts'
import { epochSeconds } from '../present/time.ts'
import { forAdministrator, type MemberRequest, type Route, type Send } from '../request/route.ts'
import { openUpload } from '../request/upload.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'transfers'>
  readonly publicUrl: string
}

const spec = { tag: 'Contacts' } as const
const upload = { field: 'import_file', maxBytes: 512 * 1024 * 1024, types: ['text/csv', 'application/csv'] }

const transferShape = named(
  'Transfer',
  z.object({
    id,
    direction: z.enum(['import', 'export']),
    status: z.enum(['uploading', 'pending', 'processing', 'completed', 'failed']),
    byte_size: z.int(),
    total_records: z.int().nullable(),
    processed_records: z.int(),
    created_records: z.int(),
    changed_records: z.int(),
    refused_records: z.int(),
    error: maybeText,
    download_url: maybeText,
    created_at: epoch,
  }),
)

export function transferRoutes(deps: Deps): Route[] {
  const { transfers } = deps.ledger
  const getImport = async ({ member, params }: MemberRequest) =>
    found(await transfers.findTransfer(member.account.id, idOf(params['id'])))
  return [
    forAdministrator(
      'POST /contacts/import',
      {
        ...spec,
        summary:
          'Import a CSV of contacts (form field `import_file`, or the CSV as the body); Location is where its ' +
          'progress is',
        reads: 'multipart/form-data',
      },
      async (request): Promise<Send> => {
        const file = await openUpload(request.http, upload)
        if (file === null) throw unprocessable('File is blank')
        const asker = askerOf(request)
        const begun = await transfers.beginImport(asker, file)
        return (response) => {
          response
            .location(`/api/v1/accounts/${String(asker.accountId)}/contacts/imports/${String(begun)}`)
            .status(200)
            .end()
        }
      },
    ),
    forAdministrator(
      'POST /contacts/export',
      {
        ...spec,
        summary: 'Export contacts as CSV; a mail says when it is ready',
        takes: { column_names: list, payload: objects, label: filledText },
      },
      async (request) => {
        const { column_names: columns, label, payload } = request.given
        const outcome = await transfers.beginExport(askerOf(request), {
          column_names: columns ?? [],
          label: label ?? null,
          payload: payload ?? [],
        })
        if ('error' in outcome) throw unprocessable(outcome.error)
        return undefined
      },
    ),
    forAdministrator(
      'GET /contacts/imports',
      { ...spec, summary: 'List imports and exports, newest first', answer: listOf(transferShape) },
      async ({ member }) =>
        (await transfers.listTransfers(member.account.id)).map((row) => present(row, deps.publicUrl)),
    ),
    forAdministrator(
      'GET /contacts/imports/:id',
      { ...spec, summary: 'Get the progress of an import or export', answer: transferShape },
      async (request) => present(await getImport(request), deps.publicUrl),
    ),
    forAdministrator(
      'GET /contacts/imports/:id/refused.csv',
      { ...spec, summary: 'Get the rows that an import refused, with reasons', sends: 'text/csv' },
      async (request) => sendCsv(transfers.readRefused(await getImport(request)), 'refused.csv'),
    ),
  ]
}

/**
 * GET /contact-exports/:token/contacts.csv: the address cannot be guessed, and serves the file for a week without
 * further authentication.
 */
export function createExportRouter({ transfers }: Deps['ledger']): express.Router {
  const router = express.Router()
  router.get('/contact-exports/:token/contacts.csv', async (request, response) => {
    const { chunks } = found(await transfers.findDownload(request.params.token))
    sendCsv(chunks, 'contacts.csv')(response)
  })
  return router
}

function askerOf({ member }: MemberRequest) {
  return { accountId: member.account.id, userId: member.user.id }
}

function sendCsv(chunks: AsyncIterable<Buffer>, name: string): Send {
  return (response) => {
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    })
    // A client that disconnects, or a lost database connection, ends with a truncated file.
    pipeline(chunks, response).catch(() => {
      response.destroy()
    })
  }
}

function present(row: TransferRow, publicUrl: string): z.output<typeof transferShape> {
  return {
    id: row.id,
    direction: row.direction,
    status: row.status,
    byte_size: row.byteSize,
    total_records: row.totalRecords,
    processed_records: row.processedRecords,
    created_records: row.createdRecords,
    changed_records: row.changedRecords,
    refused_records: row.refusedRecords,
    error: row.error,
    download_url:
      row.direction === 'export' && row.status === 'completed'
        ? linkTo(publicUrl, `/contact-exports/${row.token}/contacts.csv`)
        : null,
    created_at: epochSeconds(row.createdAt),
  }
}
