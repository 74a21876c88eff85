// …/labels: every member reads, administrators write. Renaming and deleting reach conversations and contacts.

import type { LabelFields } from '../../conversations/account/labels.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { filledText, flag, idOf, text } from '../input/fields.ts'
import { payloadOf } from '../present/kinds.ts'
import { labelShape, presentLabel } from '../present/records.ts'
import { forAdministrator, forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

const labelFields = { title: text, description: text, color: filledText, show_on_sidebar: flag }
const spec = { tag: 'Labels' } as const

export function labelRoutes({ labels }: Pick<Ledger, 'labels'>): Route[] {
  const find = async ({ member, params }: MemberRequest) =>
    found(await labels.findLabel(member.account.id, idOf(params['id'])))
  return [
    forMember(
      'GET /labels',
      { ...spec, summary: 'List labels', answer: payloadOf(labelShape) },
      async ({ member }) => ({
        payload: (await labels.listLabels(member.account.id)).map(presentLabel),
      }),
    ),
    forMember('GET /labels/:id', { ...spec, summary: 'Get a label', answer: labelShape }, async (request) =>
      presentLabel(await find(request)),
    ),
    forAdministrator(
      'POST /labels',
      { ...spec, summary: 'Create a label', takes: labelFields, under: 'label', answer: labelShape },
      async ({ member, given }) => presentLabel(saved(await labels.createLabel(member.account.id, fieldsOf(given)))),
    ),
    forAdministrator(
      'UPDATE /labels/:id',
      {
        ...spec,
        summary: 'Update a label, also on conversations and contacts',
        takes: labelFields,
        under: 'label',
        answer: labelShape,
      },
      async (request) => presentLabel(saved(await labels.updateLabel(await find(request), fieldsOf(request.given)))),
    ),
    forAdministrator(
      'DELETE /labels/:id',
      { ...spec, summary: 'Delete a label, also from conversations and contacts' },
      async (request) => {
        await labels.deleteLabel(await find(request))
        return undefined
      },
    ),
  ]
}

function fieldsOf({
  title,
  description,
  color,
  show_on_sidebar: showOnSidebar,
}: Given<typeof labelFields>): LabelFields {
  return { title, description, color, showOnSidebar }
}
