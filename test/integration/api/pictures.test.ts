// Pictures of contacts, people, inboxes and bots, as forms bring them: shown at their address, for as long as a record
// uses them.

import { afterAll, expect, it } from 'vitest'

import { sweepUploads } from '../../../src/conversations/files/uploads.ts'
import { createConversation } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('pictures', () => {
  const api = useApi()
  let count = 0
  afterAll(async () => {})

  // The beginnings of files by which they are known (PNG §5.2, JPEG SOI, GIF89a, RIFF/WEBP).
  const beginnings = {
    png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    jpeg: [0xff, 0xd8, 0xff, 0xe0],
    gif: [...Buffer.from('GIF89a')],
    webp: [...Buffer.from('RIFF\x10\0\0\0WEBPVP8 ')],
  }
  const picture = (kind: keyof typeof beginnings = 'png') =>
    Buffer.concat([Buffer.from(beginnings[kind]), Buffer.from(String(++count))])
  const send = (
    method: string,
    path: string,
    bytes: Buffer,
    {
      field = 'avatar',
      fields = {},
      type = 'image/png',
    }: { field?: string; fields?: Record<string, string>; type?: string } = {},
  ) => {
    const multipart = new FormData()
    for (const [name, value] of Object.entries(fields)) multipart.append(name, value)
    multipart.append(field, new Blob([bytes], { type }), '../me "x".png')
    return api.ask(method, path, { multipart })
  }
  const fetchAt = (url: string) => api.ask('GET', new URL(url).pathname, { token: null })
  const sweep = async () => {
    await api.pool.query(`update uploads set created_at = now() - interval '2 days'`)
    await sweepUploads(api.pool)
  }
  const contact = async (bytes = picture()) =>
    (await send('POST', `${api.path}/contacts`, bytes, { fields: { name: 'Pia' } })).body.payload.contact

  it.each(Object.keys(beginnings) as (keyof typeof beginnings)[])(
    'a contact has one: a %s, recognised by its bytes',
    async (kind) => {
      const bytes = picture(kind)
      const { thumbnail } = (
        await send('POST', `${api.path}/contacts`, bytes, { fields: { name: 'Pia' }, type: 'text/html' })
      ).body.payload.contact
      expect(thumbnail).toMatch(/^https:\/\/mail\.example\.net\/attachments\/[0-9a-f-]{36}\/me%20%22x%22\.png$/)
      const shown = await fetchAt(thumbnail)
      expect([shown.status, shown.headers.get('content-type'), shown.headers.get('x-content-type-options')]).toEqual([
        200,
        `image/${kind}`,
        'nosniff',
      ])
      expect(shown.text).toBe(bytes.toString('utf8'))
    },
  )

  it('a file that is not a picture is refused, whatever its name', async () => {
    for (const bytes of [
      '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
      '<html>',
      'GIF8',
      'RIFF1234WAVE',
    ]) {
      const { status, body } = await send('POST', `${api.path}/contacts`, Buffer.from(bytes), { fields: { name: 'X' } })
      expect([status, body.attributes]).toEqual([422, ['avatar']])
    }
    const none = await send('POST', `${api.path}/contacts`, Buffer.alloc(0), { fields: { name: 'Without' } })
    expect([none.status, none.body.payload.contact.thumbnail]).toEqual([200, ''])
  })

  it('are replaced and removed; unused ones are deleted after a day, and used ones stay', async () => {
    const one = await contact()
    const at = `${api.path}/contacts/${String(one.id)}`
    const two = (await send('PATCH', at, picture())).body.payload
    const kept = await contact()
    expect(two.thumbnail).not.toBe(one.thumbnail)
    await sweep()
    expect([
      (await fetchAt(one.thumbnail)).status,
      (await fetchAt(two.thumbnail)).status,
      (await fetchAt(kept.thumbnail)).status,
    ]).toEqual([404, 200, 200])
    expect((await api.ask('DELETE', `${at}/avatar`)).body.payload.thumbnail).toBe('')
    await sweep()
    expect([(await fetchAt(two.thumbnail)).status, (await fetchAt(kept.thumbnail)).status]).toEqual([404, 200])
  })

  it('are deleted with their contact at once, but kept by a contact that got them in a merge', async () => {
    const [gone, merged] = [await contact(), await contact()]
    const base = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Base' } })).body.payload.contact
    await api.ask('POST', `${api.path}/actions/contact_merge`, {
      json: { base_contact_id: base.id, mergee_contact_id: merged.id },
    })
    await sweep()
    expect((await fetchAt(merged.thumbnail)).status).toBe(200)
    for (const { id } of [gone, base]) await api.ask('DELETE', `${api.path}/contacts/${String(id)}`)
    expect([(await fetchAt(gone.thumbnail)).status, (await fetchAt(merged.thumbnail)).status]).toEqual([404, 404])
  })

  it('of others stay when a contact that refers to them is deleted', async () => {
    const { avatar_url: url } = (await send('PATCH', '/api/v1/profile', picture())).body
    const { id } = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Eve', avatar_url: url } })).body
      .payload.contact
    await api.ask('DELETE', `${api.path}/contacts/${String(id)}`)
    expect((await fetchAt(url)).status).toBe(200)
  })

  it('a user has one, and messages and teams show it', async () => {
    const profile = (
      await send('PATCH', '/api/v1/profile', picture(), {
        field: 'profile[avatar]',
        fields: { 'profile[display_name]': 'Ada' },
      })
    ).body
    expect([profile.display_name, (await fetchAt(profile.avatar_url)).status]).toEqual(['Ada', 200])
    const conversation = await createConversation(api.pool, { ...api })
    const said = (
      await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
        json: { content: 'hi' },
      })
    ).body
    expect([said.sender.avatar_url, said.sender.thumbnail]).toEqual([profile.avatar_url, profile.avatar_url])
    expect(
      (await api.ask('GET', `${api.path}/agents`)).body.find(({ id }: any) => id === api.administrator.id).thumbnail,
    ).toBe(profile.avatar_url)
    await sweep()
    expect((await fetchAt(profile.avatar_url)).status).toBe(200)
    expect((await api.ask('DELETE', '/api/v1/profile/avatar')).body.avatar_url).toBe('')
    await sweep()
    expect((await fetchAt(profile.avatar_url)).status).toBe(404)
  })

  it('an inbox and a bot have theirs', async () => {
    const inbox = (
      await send('PATCH', `${api.path}/inboxes/${String(api.inboxId)}`, picture(), { fields: { name: 'Support' } })
    ).body
    const bot = (await send('POST', `${api.path}/agent_bots`, picture(), { fields: { name: 'Robo' } })).body
    await sweep()
    expect([(await fetchAt(inbox.avatar_url)).status, (await fetchAt(bot.thumbnail)).status]).toEqual([200, 200])
    await api.ask('DELETE', `${api.path}/inboxes/${String(api.inboxId)}/avatar`)
    await api.ask('DELETE', `${api.path}/agent_bots/${String(bot.id)}`)
    await sweep()
    expect([(await fetchAt(inbox.avatar_url)).status, (await fetchAt(bot.thumbnail)).status]).toEqual([404, 404])
  })

  it('cannot be sent as a file of a message', async () => {
    const token = new URL((await contact()).thumbnail).pathname.split('/')[2]
    const conversation = await createConversation(api.pool, { ...api })
    expect(
      (
        await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
          json: { content: 'x', attachments: [token] },
        })
      ).status,
    ).toBe(422)
  })
})
