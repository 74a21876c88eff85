// An account of some size, made by the database itself: conversations in every state, of many agents, teams and
// labels, with messages whose words are drawn from a vocabulary, so that searching finds some and not all. Account 1,
// inbox 1 and user 1 are there already.

interface Sql {
  readonly query: (text: string, values?: unknown[]) => Promise<unknown>
}

export interface Size {
  readonly conversations: number
  readonly messages: number
  readonly agents: number
}

const full: Size = { conversations: 100_000, messages: 1_000_000, agents: 20 }

/** Fills account 1; all of it is there, and its statistics too, when this returns. */
export async function fillConversations(sql: Sql, { conversations, messages, agents }: Size = full): Promise<void> {
  await makePeople(sql, agents)
  await sql.query(
    `
      with people as (
        insert into contacts (account_id, name, email, phone_number, last_activity_at)
        select
          1,
          'Person ' || n || ' ' || substr(md5(n::text), 1, 8),
          'person' || n || '@example.org',
          '+49170' || (1000000 + n),
          now()
        from generate_series(1, $1::int) n
        returning id, email
      ),
      places as (
        insert into contact_inboxes (contact_id, inbox_id, source_id)
        select id, 1, email
        from people
        returning id, contact_id
      ),
      numbered as (
        select
          id,
          contact_id,
          row_number() over (order by id) as n,
          random() as r,
          random() as a,
          random() as p,
          random() as t
        from places
      )
      insert into conversations (
        account_id,
        inbox_id,
        contact_id,
        contact_inbox_id,
        display_id,
        status,
        assignee_id,
        team_id,
        priority,
        labels,
        waiting_since,
        first_reply_created_at,
        created_at,
        last_activity_at,
        additional_attributes
      )
      select
        1,
        1,
        contact_id,
        id,
        1000 + n,
        (
          case
            when r < 0.6 then 'open'
            when r < 0.85 then 'resolved'
            when r < 0.95 then 'pending'
            else 'snoozed'
          end
        )::conversation_status,
        case when a < 0.6 then (select min(user_id) from inbox_members where inbox_id = 1) + (n % $2::int) end,
        case when t < 0.3 then 1 + n % 3 end,
        (array['low', 'medium', 'high', 'urgent']::priority[])[1 + (p * 12)::int],
        case when p < 0.2 then array['billing'] when p < 0.25 then array['billing',
        'urgent'] else '{}' end,
        case when r < 0.3 then at + interval '1 hour' end,
        case when r >= 0.3 then at + interval '2 hours' end,
        at,
        at + interval '3 hours',
        jsonb_build_object('mail_subject', 'Order ' || n, 'source', 'email')
      from numbered,
        lateral (select now() - (1 + n % 365) * interval '1 day' - n * interval '1 second' as at) times
    `,
    [conversations, agents],
  )
  for (let done = 0; done < messages; done += 100_000)
    await writeMessages(sql, { from: done, to: Math.min(messages, done + 100_000) })
  await sql.query(
    `update conversations c set
       last_incoming_at = (
         select max(created_at) from messages m
         where m.conversation_id = c.id and m.message_type = 'incoming'
       ),
       recipient_email = (select k.email from contacts k where k.id = c.contact_id)`,
  )
  // The trigger that writes them is silent here.
  await sql.query(
    `insert into contact_addresses (account_id, contact_id, email, state)
     select account_id, id, email, 'given' from contacts where email is not null
     on conflict do nothing`,
  )
  // As if all of it had been said long ago: announced, and its words written.
  await sql.query('truncate events')
  await sql.query(
    `
      insert into message_words (message_id, account_id, conversation_id, words)
      select id, account_id, conversation_id, to_tsvector('simple', content)
      from messages
      where account_id = 1
      on conflict do nothing
    `,
  )
  await sql.query(
    `
      update accounts
      set last_display_id = (select max(display_id) from conversations where account_id = 1)
      where id = 1
    `,
  )
  await sql.query('vacuum analyze')
}

async function makePeople(sql: Sql, agents: number): Promise<void> {
  await sql.query(
    `
      with agents as (
        insert into users (name, email, confirmed_at)
        select 'Agent ' || n, 'agent' || n || '@example.org', now()
        from generate_series(1, $1::int) n
        returning id
      ),
      members as (insert into account_users (account_id, user_id) select 1, id from agents returning user_id),
      seats as (insert into inbox_members (inbox_id, user_id) select 1, user_id from members returning user_id)
      insert into teams (account_id, name) select 1, 'team ' || n from generate_series(1, 3) n
    `,
    [agents],
  )
}

const vocabulary =
  'order invoice delivery broken refund thanks question account password address payment late missing ' +
  'colour size gift return label tracking courier street warehouse email phone battery screen cable ' +
  'charger'

// Each conversation has its share; the last message of most is the contact's.
async function writeMessages(sql: Sql, { from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  await sql.query(
    `
      with words as (select string_to_array($3, ' ') as w),
      bounds as (select min(id) as first, count(*)::int as count from conversations where account_id = 1)
      insert into messages (
        account_id,
        inbox_id,
        conversation_id,
        message_type,
        content_type,
        content,
        processed_message_content,
        source_id,
        sender_type,
        sender_id,
        created_at
      )
      select
        1,
        1,
        c.id,
        (case when n % 3 = 0 then 'outgoing' else 'incoming' end)::message_type,
        case when n % 3 = 0 then 'text' else 'incoming_email' end,
        text,
        text,
        'm' || n || '@example.org',
        (case when n % 3 = 0 then 'user' else 'contact' end)::sender_type,
        case when n % 3 = 0 then c.assignee_id else c.contact_id end,
        c.created_at + (n / b.count) * interval '10 minutes'
      from generate_series($1::int + 1, $2::int) n
      cross join bounds b
      cross join words
      cross join lateral (
        select
          string_agg(
            w[1 + (('x' || substr(md5(n || '-' || i), 1, 6))::bit(24)::int % array_length(w, 1))], ' '
          ) || ' number ' || n as text
        from generate_series(1, 25) i
      ) t
      join conversations c on c.id = b.first + n % b.count
    `,
    [from, to, vocabulary],
  )
}
