import { createHash, randomBytes, randomUUID } from 'node:crypto'

import { beforeAll, expect, it } from 'vitest'

import { createConversation } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('attachments', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    path = `${api.path}/conversations/${String((await createConversation(api.pool, api)).displayId)}/messages`
  })

  const form = (
    files: readonly (readonly [name: string, type: string, bytes: Uint8Array])[],
    fields: Record<string, string> = {},
  ) => {
    const data = new FormData()
    for (const [name, value] of Object.entries(fields)) data.append(name, value)
    for (const [name, type, bytes] of files) data.append('attachments[]', new Blob([bytes], { type }), name)
    return data
  }
  const local = (url: string) => url.replace('https://mail.example.net', api.origin)

  it('files are uploaded by a form and downloaded byte for byte, without a token', async () => {
    const bytes = randomBytes(70_000)
    const { status, body } = await api.ask('POST', path, {
      multipart: form(
        [
          ['Ünï "c".pdf', 'application/pdf', bytes],
          ['p.png', 'image/png', bytes],
        ],
        { content: 'see', private: 'false', content_attributes: '{"a":1}' },
      ),
    })
    expect(status).toBe(200)
    expect(body.content_attributes).toMatchObject({ a: 1 })
    const [pdf, png] = body.attachments
    expect(Object.keys(pdf).sort()).toEqual([
      'account_id',
      'data_url',
      'extension',
      'file_size',
      'file_type',
      'height',
      'id',
      'message_id',
      'thumb_url',
      'width',
    ])
    expect(pdf).toMatchObject({
      message_id: body.id,
      file_type: 'file',
      extension: 'pdf',
      file_size: 70_000,
      thumb_url: '',
    })
    expect(png).toMatchObject({ file_type: 'image', thumb_url: png.data_url })
    expect(pdf.data_url).toMatch(/^https:\/\/mail\.example\.net\/attachments\/[0-9a-f-]{36}\//)
    const response = await fetch(local(pdf.data_url))
    expect(
      createHash('sha256')
        .update(Buffer.from(await response.arrayBuffer()))
        .digest(),
    ).toEqual(createHash('sha256').update(bytes).digest())
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="_n_ _c_.pdf"; filename*=UTF-8''%C3%9Cn%C3%AF%20%22c%22.pdf`,
    )
    expect((await api.pool.query('select from blobs')).rowCount).toBe(1)
    const listed = (await api.ask('GET', path)).body.payload.at(-1)
    expect(listed.attachments).toEqual(body.attachments)
  })

  it('a message may consist of files only', async () => {
    const { status, body } = await api.ask('POST', path, {
      multipart: form([['a.txt', 'text/plain', Buffer.from('a')]]),
    })
    expect([status, body.content, body.attachments.length]).toEqual([200, null, 1])
  })

  it.each([
    ['image/png', 'inline', 'image/png'],
    ['image/svg+xml', 'attachment', 'application/octet-stream'],
    ['text/html', 'attachment', 'application/octet-stream'],
    ['application/javascript', 'attachment', 'application/octet-stream'],
    ['audio/mpeg', 'attachment', 'audio/mpeg'],
    ['image/png\0<script>', 'attachment', 'application/octet-stream'],
  ])('a %s is served %s as %s, and never runs', async (type, disposition, answered) => {
    const { body } = await api.ask('POST', path, {
      multipart: form([['x', 'text/plain', Buffer.from('<script>alert(1)</script>')]]),
    })
    await api.pool.query('update attachments set content_type = $2 where id = $1', [
      body.attachments[0].id,
      type.replaceAll('\0', ''),
    ])
    const { headers } = await fetch(local(body.attachments[0].data_url))
    expect(headers.get('content-disposition')).toMatch(new RegExp(`^${disposition};`))
    expect(headers.get('content-type')).toBe(answered)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
  })

  it('a cached copy is not sent again', async () => {
    const { body } = await api.ask('POST', path, { multipart: form([['x.txt', 'text/plain', Buffer.from('once')]]) })
    const url = local(body.attachments[0].data_url)
    const etag = (await fetch(url)).headers.get('etag') ?? ''
    const again = await fetch(url, { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  it.each([
    randomUUID(),
    'x',
    '../../etc/passwd',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    `${randomUUID()}/../../../etc/passwd`,
    '%00',
    '%ff',
  ])('an address that was never issued (%s) is not found', async (token) => {
    expect((await fetch(`${api.origin}/attachments/${token}`)).status).toBe(404)
    expect((await fetch(`${api.origin}/attachments/${token}/name`)).status).toBe(404)
  })

  it('a file name contains neither folders nor control characters', async () => {
    const { body } = await api.ask('POST', path, {
      multipart: form([['../../etc/pass\twd', 'text/plain', Buffer.from('a')]]),
    })
    const { rows } = await api.pool.query('select file_name from attachments where id = $1', [body.attachments[0].id])
    expect(rows[0].file_name).toBe('passwd')
  })

  it('fifteen files are accepted; with sixteen, all are refused', async () => {
    const files = Array.from({ length: 16 }, (_, n) => [`f${String(n)}`, 'text/plain', randomBytes(9)] as const)
    expect((await api.ask('POST', path, { multipart: form(files.slice(0, 15)) })).body.attachments).toHaveLength(15)
    const before = (await api.pool.query('select from blobs')).rowCount
    const { status, body } = await api.ask('POST', path, { multipart: form(files) })
    expect([status, body]).toEqual([422, { error: 'Validation failed: Attachments exceeded maximum allowed' }])
    expect((await api.pool.query('select from blobs')).rowCount).toBe(before)
  })

  it('a form above the limit is refused with 413', async () => {
    const { status, body } = await api.ask('POST', path, {
      multipart: form([['big.bin', 'application/octet-stream', Buffer.alloc(9 * 1024 * 1024)]]),
    })
    expect([status, body]).toEqual([413, { error: 'The request is too large' }])
  })

  it('an empty file field of a form does not count as a file', async () => {
    const { body } = await api.ask('POST', path, {
      multipart: form([['', 'application/octet-stream', Buffer.alloc(0)]], { content: 'no file' }),
    })
    expect(body).not.toHaveProperty('attachments')
  })
})
