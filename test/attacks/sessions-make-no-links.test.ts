// Attacks on a signed-in browser: a script or a stranger at an unlocked desk takes nothing along that signs in later
// without the password, and no request over plain http acts for a page that is served over https.

import { afterAll, expect, it } from 'vitest'

import { createConversation } from '../support/api.ts'
import { describeWithDatabase } from '../support/database.ts'
import { useApi } from '../support/fixtures.ts'
import { cookieName, emailOf, keepPassword, ownPage, signIn } from '../support/sign-in.ts'

describeWithDatabase('attacks from a signed-in browser', () => {
  const api = useApi()
  afterAll(async () => {})

  it('a session cannot create a login link for its own user and so replace the password', async () => {
    const browser = await signIn(api, api.agent.token)
    const { status, body } = await browser.ask('POST', '/api/v1/login_links', {})
    expect([status, body.error]).toEqual([403, expect.stringMatching(/access token/)])
    expect(JSON.stringify(body)).not.toContain('/login/')
    expect((await api.ask('POST', '/api/v1/login_links', { token: api.agent.token })).status).toBe(200)
  })

  it('a page over plain http is a different site from the same page over https', async () => {
    const { cookie } = await signIn(api, api.agent.token)
    const headers = { cookie: `${cookieName}=${cookie}`, origin: 'http://mail.example.net' }
    const { status } = await api.ask('PUT', '/api/v1/profile', { token: null, json: { name: 'Eve' }, headers })
    expect(status).toBe(403)
  })

  it('a password of one megabyte costs no more than a short one and is refused', async () => {
    await keepPassword(api, api.administrator.id, 'a long and quiet river')
    const email = await emailOf(api, api.administrator.id)
    const begun = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.ask('POST', '/auth/sign_in', {
          token: null,
          json: { email, password: '\ufdfa'.repeat(300_000) },
          headers: ownPage,
        }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
    expect(performance.now() - begun).toBeLessThan(4_000)
  })

  it('the drafts of one user have a size limit over all conversations', async () => {
    const draftOf = (displayId: number): string => `${api.path}/conversations/${String(displayId)}/draft`
    const ids: number[] = []
    for (let count = 0; count < 60; count++) ids.push((await createConversation(api.pool, api)).displayId)
    const statuses: number[] = []
    for (const id of ids) {
      const json = { content: 'x'.repeat(149_000) }
      const answer = await api.ask('PUT', draftOf(id), { json })
      statuses.push(answer.status)
    }
    expect(statuses.at(0)).toBe(200)
    expect(statuses.at(-1)).toBe(422)
    expect((await api.ask('GET', `${api.path}/drafts`)).text.length).toBeLessThan(6_000_000)
    // What is there can still be made shorter.
    const first = draftOf(ids[0] ?? 0)
    const { version } = (await api.ask('GET', first)).body.payload
    expect((await api.ask('PUT', first, { json: { content: 'short', version } })).status).toBe(200)
  })

  it('an action on several conversations adds a bounded number of labels', async () => {
    const labels = { add: Array.from({ length: 5_000 }, (_, at) => `label-${String(at)}`) }
    const json = { type: 'Conversation', ids: [1], labels }
    expect((await api.ask('POST', `${api.path}/bulk_actions`, { json })).status).toBe(422)
  })
})
