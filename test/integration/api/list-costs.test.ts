// What a list costs does not depend on what is in it: the same number of queries for three and for thirty.

import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('a list costs the same number of queries whatever is on it', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startApi()
    await fill(3)
  })
  afterAll(() => api.stop())

  const fill = (count: number) =>
    api.pool.query(
      `do $$ declare u int; c int; i int; t int; tag text; account int := ${String(api.accountId)}; begin
         for n in 1..${String(count)} loop
           tag := gen_random_uuid();
           insert into users (name, email, confirmed_at) values ('U', tag || '@x.example', now()) returning id into u;
           insert into account_users (account_id, user_id) values (account, u);
           insert into channels (account_id, channel_type) values (account, 'Channel::Api')
             returning id into c;
           insert into inboxes (account_id, channel_id, name) values (account, c, tag) returning id into i;
           insert into inbox_members (inbox_id, user_id) values (${String(api.inboxId)}, u);
           insert into teams (account_id, name) values (account, tag) returning id into t;
           insert into team_members (team_id, user_id)
             select t, a.user_id from account_users a where a.account_id = account;
           insert into labels (account_id, title) values (account, tag);
           insert into canned_responses (account_id, short_code, content) values (account, tag, 'x');
           insert into custom_attribute_definitions (
             account_id, attribute_model, attribute_key, attribute_display_name
           ) values (account, 'contact_attribute', tag, 'x');
           insert into custom_filters (account_id, user_id, name)
             values (account, ${String(api.administrator.id)}, tag);
           insert into agent_bots (account_id, name, secret) values (account, tag, 's');
         end loop; end $$`,
    )

  const count = async (path: string): Promise<number> => {
    const { prototype } = pg.Client
    const query = prototype.query
    let queries = 0
    prototype.query = function (this: pg.Client, ...args: any[]) {
      queries++
      return (query as any).apply(this, args)
    } as typeof query
    try {
      expect((await api.ask('GET', path)).status).toBe(200)
    } finally {
      prototype.query = query
    }
    return queries
  }

  it('each of them', async () => {
    const names = [
      'inboxes',
      'agents',
      'teams',
      'labels',
      'canned_responses',
      'canned_responses?search=a',
      'custom_attribute_definitions',
      'custom_filters',
      'agent_bots',
      `inbox_members/${String(api.inboxId)}`,
      `inboxes/${String(api.inboxId)}/assignable_agents`,
      `assignable_agents?inbox_ids[]=${String(api.inboxId)}`,
    ]
    const paths = [...names.map((name) => `${api.path}/${name}`), '/api/v1/profile']
    const costs = async () => {
      const all: [string, number][] = []
      for (const path of paths) all.push([path, await count(path)])
      return all
    }
    const few = await costs()
    await fill(30)
    expect(await costs()).toEqual(few)
    for (const [path, queries] of few) expect([path, queries > 0 && queries <= 12]).toEqual([path, true])
  })
})
