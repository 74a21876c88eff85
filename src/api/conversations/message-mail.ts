// …/messages/:id/html and …/inbound_email: the original of a message that came by mail, and how it came.

import { z } from 'zod'

import type { InlinePicture } from '../../conversations/messages/message-mail.ts'
import type { MessageRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { attachmentUrl, encodeName, linkTo } from '../../links.ts'
import { contentIdKeys, replaceContentIds } from '../../mail/html/content-ids.ts'
import { findRemotePictures } from '../../mail/html/remote-pictures.ts'
import { found, notFound } from '../input/fault.ts'
import { idOf } from '../input/fields.ts'
import { inboundEmailWithTraceShape, presentInboundEmailWithTrace } from '../present/inbound-email.ts'
import type { InboundEmails } from '../present/inbound-email-access.ts'
import { listOf, maybeText, text } from '../present/kinds.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'messages' | 'pictureLinks'>
  readonly inboundEmails: Pick<InboundEmails, 'find'>
  readonly publicUrl: string
}

const path = '/conversations/:displayId/messages/:id'
const spec = { tag: 'Messages' } as const
const htmlShape = z.object({
  html: maybeText,
  inline_pictures: listOf(z.object({ content_id: text, data_url: text, content_type: text })),
  remote_pictures: listOf(z.object({ url: text, proxy_url: text })),
})

export function messageMailRoutes(deps: Deps): Route[] {
  return [
    forMember(
      `GET ${path}/html`,
      {
        ...spec,
        summary: 'Get the original HTML of a message, and links to its pictures, good for an hour',
        answer: htmlShape,
      },
      async (request) => html(deps, await find(deps, request)),
    ),
    forMember(
      `GET ${path}/inbound_email`,
      {
        ...spec,
        summary: 'Get the inbound email that a message came with, and its trace',
        answer: inboundEmailWithTraceShape,
      },
      async (request) => {
        const message = await find(deps, request)
        const inboundId = found(await deps.ledger.messages.findInboundEmailId(message.id))
        return presentInboundEmailWithTrace(
          found(await deps.inboundEmails.find({ accountId: message.accountId }, inboundId)),
        )
      },
    ),
  ]
}

async function find({ ledger }: Deps, request: MemberRequest): Promise<MessageRow> {
  const conversation = await getConversation(ledger.conversations, request)
  const message = found(await ledger.messages.findMessage(conversation.accountId, idOf(request.params['id'])))
  if (message.conversationId !== conversation.id) throw notFound()
  return message
}

async function html({ ledger, publicUrl }: Deps, message: MessageRow): Promise<z.output<typeof htmlShape>> {
  const source = htmlOf(message)
  const inline = await ledger.messages.listInlinePictures(message.id)
  return {
    html: source === null ? null : namePictures(source, inline),
    inline_pictures: inline.map(({ contentId, token, fileName, contentType }) => ({
      content_id: contentId,
      data_url: attachmentUrl(publicUrl, token, fileName),
      content_type: contentType,
    })),
    remote_pictures: findRemotePictures(source ?? '').map((url) => {
      const { expires, signature } = ledger.pictureLinks.create(message.id, url)
      const query = new URLSearchParams({ url, expires: String(expires), sig: signature })
      return { url, proxy_url: linkTo(publicUrl, `/image-proxy/${String(message.id)}?${query.toString()}`) }
    }),
  }
}

// Every reference to a picture of the mail in one form, whichever its sender chose.
function namePictures(html: string, pictures: readonly InlinePicture[]): string {
  const ids = new Map(
    pictures.flatMap(({ contentId }) => contentIdKeys(contentId).map((key) => [key, contentId] as const)),
  )
  return replaceContentIds(html, (key) => {
    const id = ids.get(key)
    return id === undefined ? null : `cid:${encodeName(id)}`
  })
}

function htmlOf({ contentAttributes }: MessageRow): string | null {
  const email = contentAttributes['email'] as { readonly html_content?: { readonly full?: unknown } } | undefined
  const full = email?.html_content?.full
  return typeof full === 'string' ? full : null
}
