// Each method of each service of the npm client @figuro/chatwoot-sdk, against the service as it is run: what its
// documentation promises comes back, or, of the little that we do not serve, an answer that says so. A method that is
// in neither list fails the last test.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { connectClient } from '../support/published-client.ts'
import { startService } from '../support/service.ts'

const accountId = 1
type Client = ReturnType<typeof connectClient>
/** What earlier calls made. */
type Made = Record<string, any>
interface Call {
  readonly name: string
  readonly args?: (made: Made) => object
  /** Where the object, or the list of objects, is that has the fields; default: the answer itself. */
  readonly at?: (answer: any) => any
  readonly fields?: readonly string[]
  /** What the answer must contain besides. */
  readonly holds?: (made: Made) => object
  readonly keep?: (answer: any, made: Made) => void
}

const payload = (answer: any) => answer.payload
const agentFields = [
  'id',
  'account_id',
  'name',
  'available_name',
  'email',
  'role',
  'confirmed',
  'availability_status',
  'auto_offline',
]
const botFields = ['id', 'name', 'description', 'account_id', 'outgoing_url']
const contactFields = [
  'id',
  'name',
  'email',
  'phone_number',
  'thumbnail',
  'availability_status',
  'additional_attributes',
  'custom_attributes',
  'contact_inboxes',
]
const conversationFields = [
  'id',
  'messages',
  'account_id',
  'inbox_id',
  'status',
  'timestamp',
  'contact_last_seen_at',
  'agent_last_seen_at',
  'unread_count',
  'additional_attributes',
  'custom_attributes',
  'meta',
]
const messageFields = [
  'id',
  'content',
  'content_type',
  'content_attributes',
  'message_type',
  'created_at',
  'private',
  'conversation_id',
  'source_id',
]
// But for `web_widget_script`: there is no widget to load.
const inboxFields = [
  'id',
  'name',
  'website_url',
  'channel_type',
  'avatar_url',
  'widget_color',
  'website_token',
  'enable_auto_assignment',
  'welcome_title',
  'welcome_tagline',
  'greeting_enabled',
  'greeting_message',
]
const teamFields = ['id', 'name', 'description', 'allow_auto_assign', 'account_id', 'is_member']
const attributeFields = [
  'id',
  'attribute_display_name',
  'attribute_display_type',
  'attribute_description',
  'attribute_key',
  'attribute_values',
  'default_value',
  'attribute_model',
]
const filterFields = ['id', 'name', 'filter_type', 'query', 'created_at', 'updated_at']
const cannedFields = ['id', 'content', 'short_code', 'account_id']
const userFields = [
  'id',
  'uid',
  'name',
  'available_name',
  'display_name',
  'email',
  'account_id',
  'role',
  'confirmed',
  'custom_attributes',
  'accounts',
]
const webhookFields = ['id', 'url', 'subscriptions', 'account_id']
const ruleFields = ['id', 'account_id', 'name', 'description', 'event_name', 'active', 'actions', 'conditions']
const visitorFields = ['id', 'source_id', 'name', 'email', 'pubsub_token']
const visitorMessageFields = [
  'id',
  'content',
  'message_type',
  'content_type',
  'content_attributes',
  'created_at',
  'conversation_id',
]
const summaryFields = [
  'avg_first_response_time',
  'avg_resolution_time',
  'conversations_count',
  'incoming_messages_count',
  'outgoing_messages_count',
  'resolutions_count',
  'previous',
]
const day = Math.floor(Date.now() / 1000)
const since = { since: String(day - 86_400), until: String(day + 86_400) }
const inContact = ({ contact }: Made) => ({ id: contact.id })
const inConversation = ({ conversation }: Made) => ({ conversationId: conversation.id })
const inVisitor = ({ api, visitor }: Made) => ({
  inboxIdentifier: api.inbox_identifier,
  contactIdentifier: visitor.source_id,
})
const inVisitorConversation = (made: Made) => ({ ...inVisitor(made), conversationId: made['visitorConversation'].id })
const filter = [{ attribute_key: 'email', filter_operator: 'contains', values: ['wanda'], query_operator: null }]
const query = {
  payload: [{ attribute_key: 'status', filter_operator: 'equal_to', values: ['open'], query_operator: null }],
}
const rule = {
  name: 'Greets',
  description: 'd',
  event_name: 'conversation_created',
  active: true,
  actions: [{ action_name: 'add_label', action_params: ['new'] }],
  conditions: [{ attribute_key: 'status', filter_operator: 'equal_to', values: ['open'], query_operator: null }],
}

const people: readonly Call[] = [
  {
    name: 'profile.profile',
    fields: [
      'id',
      'uid',
      'name',
      'available_name',
      'display_name',
      'email',
      'account_id',
      'role',
      'confirmed',
      'accounts',
    ],
    keep: (answer, made) => (made['me'] = answer),
  },
  {
    name: 'agents.create',
    args: () => ({
      data: {
        name: 'Gus',
        email: 'gus@acme.example',
        role: 'agent',
        availability_status: 'available',
        auto_offline: false,
      },
    }),
    fields: agentFields,
    holds: () => ({ name: 'Gus', role: 'agent' }),
    keep: (answer, made) => (made['agent'] = answer),
  },
  { name: 'agents.list', fields: agentFields },
  {
    name: 'agents.update',
    args: ({ agent }) => ({ id: agent.id, data: { role: 'administrator', availability: 'busy', auto_offline: true } }),
    fields: agentFields,
    holds: () => ({ role: 'administrator', availability_status: 'busy', auto_offline: true }),
  },
  {
    name: 'teams.create',
    args: () => ({ data: { name: 'sales', description: 'Sells', allow_auto_assign: true } }),
    fields: teamFields,
    holds: () => ({ name: 'sales', description: 'Sells', allow_auto_assign: true }),
    keep: (answer, made) => (made['team'] = answer),
  },
  { name: 'teams.list', fields: teamFields },
  { name: 'teams.get', args: ({ team }) => ({ teamId: team.id }), fields: teamFields },
  {
    name: 'teams.update',
    args: ({ team }) => ({ teamId: team.id, data: { name: 'support' } }),
    fields: teamFields,
    holds: () => ({ name: 'support' }),
  },
  {
    name: 'teams.addAgent',
    args: ({ team, me }) => ({ teamId: team.id, data: { user_ids: [me.id] } }),
    fields: agentFields,
  },
  {
    name: 'teams.updateAgentsInTeam',
    args: ({ team, me, agent }) => ({ teamId: team.id, data: { user_ids: [me.id, agent.id] } }),
    fields: agentFields,
  },
  {
    name: 'teams.listMembers',
    args: ({ team }) => ({ teamId: team.id }),
    fields: agentFields,
    holds: () => ({ length: 2 }),
  },
  { name: 'teams.removeAgent', args: ({ team, agent }) => ({ teamId: team.id, data: { user_ids: [agent.id] } }) },
  {
    name: 'accountAgentBots.create',
    args: () => ({ data: { name: 'Bo', description: 'Answers', outgoing_url: 'https://bot.example/in' } }),
    fields: botFields,
    holds: () => ({ name: 'Bo', outgoing_url: 'https://bot.example/in' }),
    keep: (answer, made) => (made['bot'] = answer),
  },
  { name: 'accountAgentBots.list', fields: botFields },
  { name: 'accountAgentBots.get', args: ({ bot }) => ({ id: bot.id }), fields: botFields },
  {
    name: 'accountAgentBots.update',
    args: ({ bot }) => ({ id: bot.id, data: { name: 'Bob' } }),
    fields: botFields,
    holds: () => ({ name: 'Bob' }),
  },
]

const places: readonly Call[] = [
  {
    name: 'inboxes.create',
    args: () => ({
      data: {
        name: 'Site',
        channel: {
          type: 'web_widget',
          website_url: 'https://shop.example',
          welcome_title: 'Hi',
          welcome_tagline: 'Ask us',
          widget_color: '#ff0000',
        },
      },
    }),
    fields: inboxFields,
    holds: () => ({ welcome_title: 'Hi', widget_color: '#ff0000' }),
    keep: (answer, made) => (made['site'] = answer),
  },
  {
    name: 'inboxes.create',
    args: () => ({ data: { name: 'System', channel: { type: 'api' } } }),
    fields: ['id', 'name', 'channel_type', 'inbox_identifier', 'webhook_url'],
    keep: (answer, made) => (made['api'] = answer),
  },
  {
    name: 'inboxes.list',
    at: payload,
    fields: [
      'id',
      'name',
      'channel_type',
      'avatar_url',
      'enable_auto_assignment',
      'greeting_enabled',
      'greeting_message',
    ],
  },
  { name: 'inboxes.get', args: ({ site }) => ({ id: site.id }), fields: inboxFields },
  {
    name: 'inboxes.update',
    args: ({ site }) => ({
      id: site.id,
      data: { name: 'Shop', enable_auto_assignment: false, channel: { widget_color: '#00ff00' } },
    }),
    fields: inboxFields,
    holds: () => ({ name: 'Shop', enable_auto_assignment: false, widget_color: '#00ff00', welcome_title: 'Hi' }),
  },
  { name: 'inboxes.updateAgentBot', args: ({ site, bot }) => ({ id: site.id, data: { agent_bot: bot.id } }) },
  {
    name: 'inboxes.getAgentBot',
    args: ({ site }) => ({ id: site.id }),
    at: (answer) => answer.agent_bot,
    fields: botFields,
  },
  {
    name: 'inboxes.addAgent',
    args: ({ site, me }) => ({ data: { inbox_id: String(site.id), user_ids: [me.id] } }),
    at: payload,
    fields: agentFields,
  },
  {
    name: 'inboxes.updateAgentsInInbox',
    args: ({ site, me, agent }) => ({ data: { inbox_id: String(site.id), user_ids: [me.id, agent.id] } }),
    at: payload,
    fields: agentFields,
  },
  {
    name: 'inboxes.removeAgent',
    args: ({ site, agent }) => ({ inboxId: site.id, data: { inbox_id: String(site.id), user_ids: [agent.id] } }),
  },
  {
    name: 'inboxes.listAgents',
    args: ({ site }) => ({ inboxId: site.id }),
    at: payload,
    fields: agentFields,
    holds: () => ({ length: 1 }),
  },
]

const contacts: readonly Call[] = [
  {
    name: 'contacts.create',
    args: ({ api }) => ({
      data: {
        inbox_id: api.id,
        name: 'Wanda',
        email: 'wanda@customer.example',
        phone_number: '+491701234567',
        identifier: 'w1',
        custom_attributes: { plan: 'gold' },
      },
    }),
    at: (answer) => answer.payload.contact,
    fields: contactFields,
    holds: () => ({ email: 'wanda@customer.example', custom_attributes: { plan: 'gold' } }),
    keep: (answer, made) => (made['contact'] = answer.payload.contact),
  },
  { name: 'contacts.list', args: () => ({ sort: '-last_activity_at', page: 1 }), at: payload, fields: contactFields },
  { name: 'contacts.get', args: inContact, at: payload, fields: contactFields },
  {
    name: 'contacts.update',
    args: ({ contact }) => ({ id: contact.id, data: { name: 'Wanda W.', custom_attributes: { age: 30 } } }),
    at: payload,
    fields: contactFields,
    holds: () => ({ name: 'Wanda W.', custom_attributes: { plan: 'gold', age: 30 } }),
  },
  {
    name: 'contacts.search',
    args: () => ({ q: 'wanda', sort: 'name', page: 1 }),
    at: payload,
    fields: contactFields,
    holds: () => ({ length: 1 }),
  },
  {
    name: 'contacts.filter',
    args: () => ({ payload: filter, page: 1 }),
    at: payload,
    fields: contactFields,
    holds: () => ({ length: 1 }),
  },
  {
    name: 'contact.create',
    args: ({ contact, site }) => ({ id: contact.id, data: { inbox_id: site.id, source_id: 'w-1' } }),
    fields: ['source_id', 'inbox'],
    holds: () => ({ source_id: 'w-1' }),
  },
  { name: 'contact.getContactable', args: inContact, at: payload, fields: ['source_id', 'inbox'] },
]

const conversations: readonly Call[] = [
  {
    name: 'conversations.create',
    args: ({ contact, api }) => ({
      data: {
        inbox_id: String(api.id),
        contact_id: String(contact.id),
        status: 'open',
        additional_attributes: { from: 'shop' },
        custom_attributes: { order: 7 },
      },
    }),
    fields: conversationFields,
    holds: () => ({ status: 'open', additional_attributes: { from: 'shop' }, custom_attributes: { order: 7 } }),
    keep: (answer, made) => (made['conversation'] = answer),
  },
  {
    name: 'messages.create',
    args: (made) => ({
      ...inConversation(made),
      data: { content: 'Hello', message_type: 'outgoing', private: false, content_attributes: { order: 7 } },
    }),
    fields: [...messageFields, 'sender'],
    holds: () => ({ content: 'Hello', message_type: 1, private: false, content_attributes: { order: 7 } }),
    keep: (answer, made) => (made['message'] = answer),
  },
  {
    name: 'messages.create',
    args: (made) => ({
      ...inConversation(made),
      data: {
        content: 'See this',
        attachments: [{ content: Buffer.from('a,b').toString('base64'), encoding: 'base64', filename: 'a.csv' }],
      },
    }),
    at: (answer) => answer.attachments,
    fields: ['id', 'message_id', 'file_type', 'account_id', 'extension', 'data_url', 'thumb_url', 'file_size'],
    holds: () => ({ length: 1 }),
  },
  { name: 'messages.list', args: inConversation, at: payload, fields: messageFields },
  {
    name: 'messages.update',
    args: (made) => ({ ...inConversation(made), messageId: made['message'].id, data: { status: 'delivered' } }),
    fields: messageFields,
    holds: () => ({ status: 'delivered' }),
  },
  { name: 'messages.delete', args: (made) => ({ ...inConversation(made), messageId: made['message'].id }) },
  {
    name: 'conversations.list',
    args: ({ api }) => ({ assigneeType: 'all', status: 'open', inboxId: api.id, page: 1 }),
    at: (answer) => answer.data.payload,
    fields: conversationFields,
    holds: () => ({ length: 1 }),
  },
  {
    name: 'conversations.getMeta',
    args: () => ({ status: 'open' }),
    at: ({ meta }) => meta,
    fields: ['mine_count', 'unassigned_count', 'assigned_count', 'all_count'],
  },
  {
    name: 'conversations.filter',
    args: () => ({ payload: query.payload, page: 1 }),
    at: payload,
    fields: conversationFields,
  },
  { name: 'conversations.get', args: inConversation, fields: conversationFields },
  {
    name: 'conversations.toggleStatus',
    args: (made) => ({ ...inConversation(made), data: { status: 'pending' } }),
    at: payload,
    fields: ['success', 'current_status', 'conversation_id'],
    holds: () => ({ success: true, current_status: 'pending' }),
  },
  {
    name: 'conversationAssignment.assign',
    args: (made) => ({ ...inConversation(made), data: { assignee_id: made['me'].id } }),
    fields: agentFields,
  },
  {
    name: 'conversationAssignment.assign',
    args: (made) => ({ ...inConversation(made), data: { team_id: made['team'].id } }),
    fields: teamFields,
  },
  {
    name: 'conversationLabels.add',
    args: (made) => ({ ...inConversation(made), data: { labels: ['billing'] } }),
    holds: () => ({ payload: ['billing'] }),
  },
  { name: 'conversationLabels.list', args: inConversation, holds: () => ({ payload: ['billing'] }) },
  {
    name: 'contacts.listConversations',
    args: inContact,
    at: payload,
    fields: conversationFields,
    holds: () => ({ length: 1 }),
  },
]

const records: readonly Call[] = [
  {
    name: 'cannedResponses.create',
    args: () => ({ data: { short_code: 'hi', content: 'Hello!' } }),
    fields: cannedFields,
    keep: (answer, made) => (made['canned'] = answer),
  },
  { name: 'cannedResponses.list', fields: cannedFields },
  {
    name: 'cannedResponses.update',
    args: ({ canned }) => ({ id: canned.id, data: { content: 'Hey!' } }),
    fields: cannedFields,
    holds: () => ({ content: 'Hey!', short_code: 'hi' }),
  },
  { name: 'cannedResponses.delete', args: ({ canned }) => ({ id: canned.id }) },
  {
    name: 'customAttributes.create',
    args: () => ({
      data: {
        attribute_display_name: 'Plan',
        attribute_display_type: 6,
        attribute_description: 'd',
        attribute_key: 'plan',
        attribute_values: ['gold'],
        attribute_model: 1,
      },
    }),
    fields: attributeFields,
    holds: () => ({ attribute_key: 'plan', attribute_display_type: 'list', attribute_model: 'contact_attribute' }),
    keep: (answer, made) => (made['attribute'] = answer),
  },
  {
    name: 'customAttributes.list',
    args: () => ({ attributeModel: '1' }),
    fields: attributeFields,
    holds: () => ({ length: 1 }),
  },
  { name: 'customAttributes.get', args: ({ attribute }) => ({ id: attribute.id }), fields: attributeFields },
  {
    name: 'customAttributes.update',
    args: ({ attribute }) => ({ id: attribute.id, data: { attribute_display_name: 'Tariff' } }),
    fields: attributeFields,
    holds: () => ({ attribute_display_name: 'Tariff' }),
  },
  { name: 'customAttributes.delete', args: ({ attribute }) => ({ id: attribute.id }) },
  {
    name: 'customFilters.create',
    args: () => ({ filterType: 'conversation', data: { name: 'Open', type: 'conversation', query } }),
    fields: filterFields,
    holds: () => ({ name: 'Open', query }),
    keep: (answer, made) => (made['filter'] = answer),
  },
  { name: 'customFilters.list', args: () => ({ filterType: 'conversation' }), fields: filterFields },
  { name: 'customFilters.get', args: ({ filter: saved }) => ({ customFilterId: saved.id }), fields: filterFields },
  {
    name: 'customFilters.update',
    args: ({ filter: saved }) => ({
      customFilterId: saved.id,
      data: { name: 'All open', type: 'conversation', query },
    }),
    fields: filterFields,
    holds: () => ({ name: 'All open' }),
  },
  { name: 'customFilters.delete', args: ({ filter: saved }) => ({ customFilterId: saved.id }) },
  {
    name: 'webhooks.create',
    args: () => ({ data: { url: 'https://hook.example/in', subscriptions: ['message_created'] } }),
    at: (answer) => answer.payload.webhook,
    fields: webhookFields,
    keep: (answer, made) => (made['webhook'] = answer.payload.webhook),
  },
  { name: 'webhooks.list', at: (answer) => answer.payload.webhooks, fields: webhookFields },
  {
    name: 'webhooks.update',
    args: ({ webhook }) => ({
      webhookId: webhook.id,
      data: { url: 'https://hook.example/other', subscriptions: ['conversation_created'] },
    }),
    at: (answer) => answer.payload.webhook,
    fields: webhookFields,
    holds: () => ({ url: 'https://hook.example/other', subscriptions: ['conversation_created'] }),
  },
  { name: 'webhooks.delete', args: ({ webhook }) => ({ webhookId: webhook.id }) },
  {
    name: 'automationRule.create',
    args: () => ({ data: rule }),
    at: (answer) => answer.payload ?? answer,
    fields: ruleFields,
    holds: () => rule,
    keep: (answer, made) => (made['rule'] = answer.payload ?? answer),
  },
  { name: 'automationRule.list', args: () => ({ page: 1 }), at: payload, fields: ruleFields },
  { name: 'automationRule.get', args: ({ rule: made }) => ({ id: made.id }), at: payload, fields: ruleFields },
  {
    name: 'automationRule.update',
    args: ({ rule: made }) => ({ id: made.id, data: { ...rule, name: 'Greets all' } }),
    at: payload,
    fields: ruleFields,
    holds: () => ({ name: 'Greets all' }),
  },
  { name: 'automationRule.delete', args: ({ rule: made }) => ({ id: made.id }) },
  {
    name: 'integrations.list',
    at: payload,
    fields: ['id', 'name', 'description', 'hook_type', 'enabled', 'allow_multiple_hooks', 'hooks'],
  },
]

const reports: readonly Call[] = [
  ...[
    'conversations_count',
    'incoming_messages_count',
    'outgoing_messages_count',
    'avg_first_response_time',
    'avg_resolution_time',
    'resolutions_count',
  ].map((metric) => ({
    name: 'reports.list',
    args: () => ({ metric, type: 'account', ...since }),
    fields: ['value', 'timestamp'],
  })),
  {
    name: 'reports.listSummaries',
    args: () => ({ type: 'account', ...since }),
    fields: summaryFields,
    holds: () => ({ conversations_count: 2 }),
  },
  {
    name: 'reports.listSummaries',
    args: ({ me }) => ({ type: 'agent', id: String(me.id), ...since }),
    fields: summaryFields,
  },
  { name: 'reports.getMetrics', args: () => ({ type: 'account' }), fields: ['open', 'unattended', 'unassigned'] },
  {
    name: 'reports.getAgentMetrics',
    args: ({ me }) => ({ type: 'agent', userId: String(me.id) }),
    fields: ['id', 'name', 'email', 'thumbnail', 'availability', 'metric'],
  },
]

const visitors: readonly Call[] = [
  {
    name: 'client.contacts.create',
    args: ({ api }) => ({ inboxIdentifier: api.inbox_identifier, data: { name: 'Vi', email: 'vi@customer.example' } }),
    fields: visitorFields,
    keep: (answer, made) => (made['visitor'] = answer),
  },
  { name: 'client.contacts.get', args: inVisitor, fields: visitorFields },
  {
    name: 'client.contacts.update',
    args: (made) => ({ ...inVisitor(made), data: { name: 'Vivian' } }),
    fields: visitorFields,
    holds: () => ({ name: 'Vivian' }),
  },
  {
    name: 'client.conversations.create',
    args: inVisitor,
    fields: ['id', 'inbox_id', 'messages', 'contact'],
    keep: (answer, made) => (made['visitorConversation'] = answer),
  },
  { name: 'client.conversations.list', args: inVisitor, fields: ['id', 'inbox_id', 'messages', 'contact'] },
  {
    name: 'client.messages.create',
    args: (made) => ({ ...inVisitorConversation(made), data: { content: 'Is it open?', echo_id: 'e1' } }),
    fields: visitorMessageFields,
    holds: () => ({ content: 'Is it open?' }),
  },
  { name: 'client.messages.list', args: inVisitorConversation, fields: visitorMessageFields },
  {
    name: 'messages.create',
    args: ({ visitorConversation }) => ({
      conversationId: visitorConversation.id,
      data: {
        content: 'Which?',
        content_type: 'input_select',
        content_attributes: { items: [{ title: 'Red', value: 'red' }] },
      },
    }),
    fields: messageFields,
    holds: () => ({ content_type: 'input_select', content_attributes: { items: [{ title: 'Red', value: 'red' }] } }),
    keep: (answer, made) => (made['question'] = answer),
  },
  {
    name: 'client.messages.update',
    args: (made) => ({
      ...inVisitorConversation(made),
      messageId: made['question'].id,
      data: { submitted_values: [{ title: 'Red', value: 'red' }] },
    }),
    fields: visitorMessageFields,
    holds: () => ({ content_attributes: { submitted_values: [{ title: 'Red', value: 'red' }] } }),
  },
]

const installation: readonly Call[] = [
  {
    name: 'platform.accounts.create',
    args: () => ({ data: { name: 'Second' } }),
    fields: ['id', 'name'],
    holds: () => ({ name: 'Second' }),
    keep: (answer, made) => (made['second'] = answer),
  },
  { name: 'platform.accounts.get', args: ({ second }) => ({ accountId: second.id }), fields: ['id', 'name'] },
  {
    name: 'platform.accounts.update',
    args: ({ second }) => ({ accountId: second.id, data: { name: 'Branch' } }),
    fields: ['id', 'name'],
    holds: () => ({ name: 'Branch' }),
  },
  ...['platform.users', 'users'].flatMap((service): Call[] => [
    {
      name: `${service}.create`,
      args: () => ({
        data: { name: 'Pia', email: `${service}@acme.example`, password: 'Secret-1234', custom_attributes: {} },
      }),
      fields: [...userFields, 'access_token'],
      holds: () => ({ name: 'Pia', accounts: [] }),
      keep: (answer, made) => (made[service] = answer),
    },
    { name: `${service}.get`, args: (made) => ({ id: made[service].id }), fields: userFields },
    {
      name: `${service}.update`,
      args: (made) => ({ id: made[service].id, data: { name: 'Pina' } }),
      fields: userFields,
      holds: () => ({ name: 'Pina' }),
    },
  ]),
  {
    name: 'platform.accountUsers.create',
    args: (made) => ({ accountId: made['second'].id, data: { user_id: made['users'].id, role: 'agent' } }),
    fields: ['account_id', 'user_id', 'role'],
    holds: (made) => ({ user_id: made['users'].id, role: 'agent' }),
  },
  {
    name: 'platform.accountUsers.create',
    args: (made) => ({ accountId: made['second'].id, data: { user_id: made['users'].id, role: 'administrator' } }),
    fields: ['account_id', 'user_id', 'role'],
    holds: (made) => ({ user_id: made['users'].id, role: 'administrator' }),
  },
  {
    name: 'platform.accountUsers.list',
    args: ({ second }) => ({ accountId: second.id }),
    fields: ['account_id', 'user_id', 'role'],
    holds: () => ({ length: 2 }),
  },
  {
    name: 'platform.accountUsers.delete',
    args: (made) => ({ accountId: made['second'].id, data: { user_id: made['users'].id } }),
  },
  ...['platform.users', 'users'].map((service): Call => ({
    name: `${service}.delete`,
    args: (made) => ({ id: made[service].id }),
  })),
  { name: 'platform.accounts.delete', args: ({ second }) => ({ accountId: second.id }) },
  ...['platform.agentBots', 'agentBots'].flatMap((service): Call[] => [
    {
      name: `${service}.create`,
      args: () => ({ data: { name: 'Bo', description: 'For all', outgoing_url: 'https://bot.example/all' } }),
      fields: ['id', 'name', 'description', 'outgoing_url'],
      keep: (answer, made) => (made[service] = answer),
    },
    {
      name: `${service}.list`,
      at: (answer) => answer.filter((bot: any) => bot.account_id === null),
      fields: ['id', 'name', 'description', 'outgoing_url'],
    },
    {
      name: `${service}.get`,
      args: (made) => ({ id: made[service].id }),
      fields: ['id', 'name', 'outgoing_url'],
      holds: () => ({ account_id: null, system_bot: true }),
    },
    {
      name: `${service}.update`,
      args: (made) => ({ id: made[service].id, data: { name: 'Bobo' } }),
      fields: ['id', 'outgoing_url'],
      holds: () => ({ name: 'Bobo' }),
    },
    { name: `${service}.delete`, args: (made) => ({ id: made[service].id }) },
  ]),
]

const leaving: readonly Call[] = [
  { name: 'accountAgentBots.delete', args: ({ bot }) => ({ id: bot.id }) },
  { name: 'contacts.delete', args: inContact },
  { name: 'teams.delete', args: ({ team }) => ({ teamId: team.id }) },
  { name: 'agents.delete', args: ({ agent }) => ({ id: agent.id }) },
]

const served = { people, places, contacts, conversations, records, reports, visitors, installation, leaving }

/** There is no such thing here; 404, as Chatwoot answers for what it does not have. What there is instead: README. */
const notServed: readonly (readonly [name: string, args: object])[] = [
  ...['platform.users', 'users'].map((service) => [`${service}.getSSOUrl`, { id: 1 }] as const),
  ...['create', 'update', 'delete'].map(
    (method) =>
      [`integrations.${method}`, { hookId: 1, data: { app_id: 'slack', inbox_id: 1, settings: {} } }] as const,
  ),
]

describe('a published client', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let client: Client
  const made: Made = {}
  beforeAll(async () => {
    service = await startService()
    client = connectClient(service.url, service.token)
  })
  afterAll(async () => service[Symbol.asyncDispose]())

  const call = (name: string, args: object) => {
    const [method = '', ...reversed] = name.split('.').reverse()
    const owner = reversed.reverse().reduce((at, part) => at[part], client)
    return owner[method]({ accountId, ...args }) as Promise<any>
  }

  describe.each(Object.entries(served))('%s', (_part, calls) => {
    test.each(calls.map((one) => [one.name, one] as const))(
      '%s answers as documented',
      async (name, { args, at, fields = [], holds, keep }) => {
        const answer = await call(name, args?.(made) ?? {})
        keep?.(answer, made)
        const found = at === undefined ? answer : at(answer)
        const one = Array.isArray(found) ? found[0] : found
        if (fields.length > 0) expect(fields.filter((field) => one?.[field] === undefined)).toEqual([])
        if (holds !== undefined)
          expect(found).toMatchObject(
            Array.isArray(found) ? (expect.objectContaining(holds(made)) as object) : holds(made),
          )
      },
    )
  })

  test.each(notServed)('%s is not implemented, and the answer says so', async (name, args) => {
    await expect(call(name, args)).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      body: { error: 'Resource could not be found' },
    })
  })

  test('has no untested method', () => {
    const known = new Set([
      ...Object.values(served)
        .flat()
        .map(({ name }) => name),
      ...notServed.map(([name]) => name),
    ])
    expect(methodsOf(client).filter((name) => !known.has(name))).toEqual([])
  })
})

function methodsOf(owner: any, path: readonly string[] = []): string[] {
  return Object.entries<any>(owner).flatMap(([name, value]) => {
    if (name === 'chatwootAPI') return []
    const prototype = Object.getPrototypeOf(value) as object
    if (prototype === Object.prototype) return methodsOf(value, [...path, name])
    return Object.getOwnPropertyNames(prototype)
      .filter((method) => method !== 'constructor')
      .map((method) => [...path, name, method].join('.'))
  })
}
