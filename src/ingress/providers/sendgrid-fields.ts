// SendGrid's parsed mode: `headers`, `text`, `html`, `attachmentN`, each field in the charset that `charsets` names
// for it. SendGrid's own
// @sendgrid/inbound-mail-parser picks the fields of the mail out of the form; bytes, charsets and files are ours, as
// it knows none of them: it wants text, and files that lie on a disk (docs/adr/0011).

import { type PartFile, synthesise } from '../../mail/synthesise.ts'
import { decodeField } from '../reading/decode-field.ts'
import type { Form } from '../reading/form.ts'
import { readHead } from '../reading/head.ts'
import { type Json, optionalObject, parseJson, shapeFault } from '../reading/json.ts'

const fields = ['headers', 'from', 'to', 'cc', 'subject', 'text', 'html']

/** The raw mail of the form's fields. Throws `MailError('malformed')` when there are none. */
export async function synthesiseFields(form: Form): Promise<Buffer> {
  const charsets = jsonField(form, 'charsets')
  const picked = await pickFields(Object.fromEntries(fields.map((name) => [name, decode(form, name, charsets)])))
  return synthesise({
    headers: readHead(picked['headers'] ?? ''),
    fallback: [
      ['From', picked['from'] ?? null],
      ['To', picked['to'] ?? null],
      ['Cc', picked['cc'] ?? null],
      ['Subject', picked['subject'] ?? null],
    ],
    text: picked['text'] ?? null,
    html: picked['html'] ?? null,
    attachments: filesOf(form),
  })
}

async function pickFields(
  body: Readonly<Record<string, string | null>>,
): Promise<Readonly<Record<string, string | undefined>>> {
  // seen: its keyValues() throws where none of the fields is there.
  if (fields.every((name) => !body[name])) throw shapeFault('there is neither email nor any field of a parsed mail')
  const { default: Parse } = await import('@sendgrid/inbound-mail-parser')
  return new Parse({ keys: fields }, { body }).keyValues()
}

function decode(form: Form, name: string, charsets: Json): string | null {
  const bytes = form.last(name)
  const charset = charsets[name]
  return bytes === null ? null : decodeField(bytes, typeof charset === 'string' ? charset : 'utf-8')
}

function filesOf(form: Form): PartFile[] {
  const info = jsonField(form, 'attachment-info')
  return form.parts
    .filter(({ name }) => /^attachment\d+$/.test(name))
    .map(({ name, filename, contentType, bytes }) => {
      const about = optionalObject(info[name], 'attachment-info')
      const id = about['content-id']
      const contentId = typeof id === 'string' && id !== '' ? id : null
      const declaredName = about['filename']
      return {
        filename: typeof declaredName === 'string' && declaredName !== '' ? declaredName : filename,
        contentType,
        contentId,
        inline: contentId !== null,
        bytes,
      }
    })
}

function jsonField(form: Form, name: string): Json {
  const text = form.text(name)
  return text === null || text.trim() === '' ? {} : optionalObject(parseJson(text, name), name)
}
