// A message's original: windows around it, its HTML, pictures of both kinds, the mail that it came with.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createConversation, createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describeWithDatabase('the original of a message', () => {
  const api = useApi()
  let at: string
  let conversationId: number
  let outsider: Person
  let pictures: Server
  let host: string
  const asked: { url: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = []
  beforeAll(async () => {
    outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    const conversation = await createConversation(api.pool, api)
    conversationId = conversation.id
    at = `${api.path}/conversations/${String(conversation.displayId)}/messages`
    pictures = createServer(({ url, headers }, response) => {
      asked.push({ url, headers })
      if (url === '/logo.png?a=1&b=2')
        response.setHeader('set-cookie', 'spy=1').setHeader('content-type', 'text/html').end(png)
      else if (url === '/script.svg') response.setHeader('content-type', 'image/png').end('<svg onload="alert(1)"/>')
      else if (url === '/again') response.writeHead(302, { location: '/logo.png?a=1&b=2' }).end()
      else if (url === '/inside') response.writeHead(302, { location: 'http://192.168.7.7/x.png' }).end()
      else if (url === '/loop') response.writeHead(302, { location: '/loop' }).end()
      else if (url === '/big') response.end(Buffer.concat([png, Buffer.alloc(11 * 1024 * 1024)]))
      else response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await once(pictures, 'listening')
    host = `http://127.0.0.1:${String((pictures.address() as AddressInfo).port)}`
  })
  afterAll(async () => {
    pictures.closeAllConnections()
    pictures.close()
  })

  const add = async (html: string | null) =>
    (
      await api.pool.query<{ id: number }>(
        `
          insert into messages (
            account_id,
            inbox_id,
            conversation_id,
            message_type,
            content_type,
            content,
            content_attributes,
            updated_at
          )
          values ($1, $2, $3, 'incoming', 'incoming_email', 'words', $4, now())
          returning id
        `,
        [
          api.accountId,
          api.inboxId,
          conversationId,
          JSON.stringify({
            email: {
              from: ['a@x.example'],
              text_content: { full: 'words', quoted: 'words' },
              html_content: html === null ? {} : { full: html },
            },
          }),
        ],
      )
    ).rows[0]!.id
  const original = async (id: number) => (await api.ask('GET', `${at}/${String(id)}/html`)).body
  const linksOf = async (id: number) =>
    ((await original(id)).remote_pictures as { url: string; proxy_url: string }[]).map(({ url, proxy_url }) => ({
      url,
      path: proxy_url.replace('https://mail.example.net', ''),
    }))
  const fetchPicture = (path: string) => fetch(`${api.origin}${path}`, { redirect: 'manual' })

  it('messages around a given one are a window with it in the middle', async () => {
    const ids: number[] = []
    for (let n = 0; n < 60; n++) ids.push(await add(null))
    const list = async (query: string) =>
      (await api.ask('GET', `${at}?${query}`)).body.payload.map((message: { id: number }) => message.id)
    expect(await list(`around=${String(ids[30])}`)).toEqual(ids.slice(10, 51))
    expect(await list(`around=${String(ids[2])}`)).toEqual(ids.slice(0, 23))
    expect(await list(`around=${String(ids[59])}`)).toEqual(ids.slice(39))
  })

  it('a list omits the HTML on request, and shows which messages have one', async () => {
    const id = await add('<p>words</p>')
    const emailOf = async (query: string) =>
      (await api.ask('GET', `${at}?after=${String(id - 1)}${query}`)).body.payload[0].content_attributes.email
    expect((await emailOf('')).html_content.full).toBe('<p>words</p>')
    expect(await emailOf('&without_html=true')).toMatchObject({
      html_content: {},
      has_html: true,
      from: ['a@x.example'],
    })
  })

  it('the HTML comes with its pictures of both kinds', async () => {
    const id = await add(
      `<img src="cid:logo@x"><img src="${host}/logo.png?a=1&amp;b=2"><img srcset="//cdn.example/a.png 1x, ` +
        `data:image/png;base64,AA 2x"><td background='http://bg.example/b.gif'><p ` +
        'style="background:url(https://s.example/c.png)"><a href="https://no.example/">x</a><img ' +
        'src="file:///etc/passwd"><img src="javascript:alert(1)">',
    )
    await api.pool.query(`insert into blobs (sha256, bytes) values (sha256($1), $1) on conflict do nothing`, [png])
    await api.pool.query(
      `insert into attachments (account_id, message_id, file_name, content_type, content_id, inline, blob_sha256)
       values ($1, $2, 'logo.png', 'image/png', 'logo@x', true, sha256($3))`,
      [api.accountId, id, png],
    )
    const body = await original(id)
    expect(body.inline_pictures).toMatchObject([{ content_id: 'logo@x', content_type: 'image/png' }])
    const inline = await fetch(body.inline_pictures[0].data_url.replace('https://mail.example.net', api.origin))
    expect(Buffer.from(await inline.arrayBuffer())).toEqual(png)
    expect((await linksOf(id)).map(({ url }) => url)).toEqual([
      `${host}/logo.png?a=1&b=2`,
      '//cdn.example/a.png',
      'http://bg.example/b.gif',
      'https://s.example/c.png',
    ])
    expect(await original(await add(null))).toEqual({ html: null, inline_pictures: [], remote_pictures: [] })
  })

  describe('the proxy', () => {
    it('fetches a picture without identifying the reader, and serves only pictures', async () => {
      const [link] = await linksOf(await add(`<img src="${host}/logo.png?a=1&amp;b=2">`))
      const response = await fetch(`${api.origin}${link!.path}`, { headers: { cookie: 'a=1', referer: 'https://x' } })
      expect([response.status, Buffer.from(await response.arrayBuffer())]).toEqual([200, png])
      expect(response.headers.get('content-type')).toBe('image/png')
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(response.headers.get('cache-control')).toMatch(/^private/)
      expect(response.headers.get('content-security-policy')).toContain('sandbox')
      const { headers } = asked.at(-1)!
      expect([headers['cookie'], headers['referer'], headers['x-forwarded-for'], headers['accept-language']]).toEqual(
        Array.from({ length: 4 }),
      )
    })

    it.each([
      ['/again', 200],
      ['/script.svg', 415],
      ['/big', 413],
      ['/loop', 502],
      ['/inside', 502],
      ['/nothing', 502],
    ])('the content of %s is answered with %i', async (path, status) => {
      const [link] = await linksOf(await add(`<img src="${host}${path}">`))
      const response = await fetchPicture(link!.path)
      expect(response.status).toBe(status)
      if (status !== 200) expect(typeof ((await response.json()) as { error: unknown }).error).toBe('string')
    })

    it.each([
      'http://10.0.0.1/x.png',
      'http://[::1]/x.png',
      'http://169.254.169.254/latest',
      'http://user:pw@127.0.0.1/x',
      'http://localhost/x.png',
      'https://x.example:8443/x.png',
    ])('no private address is fetched: %s', async (url) => {
      const before = asked.length
      const [link] = await linksOf(await add(`<img src="${url}">`))
      expect((await fetchPicture(link!.path)).status).toBe(502)
      expect(asked.length).toBe(before)
    })

    it('a link is valid for its picture and its message only, and for a limited time', async () => {
      const [link] = await linksOf(await add(`<img src="${host}/logo.png?a=1&amp;b=2">`))
      const { path } = link!
      const changed = [
        path.replace('logo.png', 'other.png'),
        path.replace(/proxy\/\d+/, 'proxy/1'),
        path.replace(/expires=\d+/, 'expires=1999999999'),
        path.replace(/sig=[^&]+/, 'sig=x'),
        path.replace(/&sig=.*/, ''),
        path.replace(/&sig=/, '&sig=x&sig='),
        '/image-proxy/1',
      ]
      for (const other of changed) expect((await fetchPicture(other)).status).toBe(403)
    })
  })

  it('a user without access to the conversation gets neither the original nor the mail', async () => {
    const id = await add('<p>x</p>')
    const other = await createConversation(api.pool, api)
    const elsewhere = `${api.path}/conversations/${String(other.displayId)}/messages/${String(id)}`
    for (const what of ['html', 'inbound_email']) {
      expect((await api.ask('GET', `${at}/${String(id)}/${what}`, { token: outsider.token })).status).toBe(401)
      expect((await api.ask('GET', `${elsewhere}/${what}`)).status).toBe(404)
    }
    // It did not come by mail.
    expect((await api.ask('GET', `${at}/${String(id)}/inbound_email`)).status).toBe(404)
  })
})
