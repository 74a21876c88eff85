// Every type of channel and what it can do. The one table: code asks its functions, and never compares names of
// types. The types beyond e-mail, API and web widget are data of other systems: their inboxes can be kept and shown.

/** The source id of a contact in an inbox: their address, or an id that a client or Rethread generates. */
type SourceId = 'email' | 'phone' | 'phone-digits' | 'client' | 'visitor' | 'random'

interface Channel {
  readonly sourceId: SourceId
  /** Hours after the last incoming message in which an agent may answer; absent: always. */
  readonly replyHours?: number
  /** The same by the channel's setting `medium`. */
  readonly replyHoursByMedium?: Readonly<Record<string, number>>
  /** `human_agent_enabled` makes that a week. */
  readonly hasHumanAgents?: true
  /**
   * Other systems write the contacts' messages and report on outgoing ones, which they get at the channel's webhook.
   */
  readonly isApi?: true
  /** Messages leave as mail at once, with recipients and Message-IDs of their own. */
  readonly isEmail?: true
  readonly isWidget?: true
}

const channels = {
  'Channel::Email': { sourceId: 'email', isEmail: true },
  'Channel::Api': { sourceId: 'client', isApi: true },
  'Channel::WebWidget': { sourceId: 'visitor', isWidget: true },
  'Channel::FacebookPage': { sourceId: 'random', replyHours: 24, hasHumanAgents: true },
  'Channel::TwitterProfile': { sourceId: 'random' },
  'Channel::TwilioSms': { sourceId: 'phone', replyHoursByMedium: { whatsapp: 24 } },
  'Channel::Whatsapp': { sourceId: 'phone-digits', replyHours: 24 },
  'Channel::Sms': { sourceId: 'phone' },
  'Channel::Telegram': { sourceId: 'random' },
  'Channel::Line': { sourceId: 'random' },
  'Channel::Instagram': { sourceId: 'random', replyHours: 24, hasHumanAgents: true },
  'Channel::Tiktok': { sourceId: 'random', replyHours: 48 },
} as const satisfies Readonly<Record<string, Channel>>

export type ChannelType = keyof typeof channels

/** For an inbox whose channel is not known: nothing special about it. */
const unknown: Channel = { sourceId: 'random' }

/** What a type of channel can do. Never throws. */
export function channelOf(type: string): Channel {
  return Object.hasOwn(channels, type) ? channels[type as ChannelType] : unknown
}

/** "web_widget", "WebWidget" or "Channel::WebWidget" as the last; null when there is no such channel. Never throws. */
export function channelTypeOf(given: string): ChannelType | null {
  const name = given.replace(/^Channel::/, '').replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const type = `Channel::${name}`
  return Object.hasOwn(channels, type) ? (type as ChannelType) : null
}

export const emailChannel: ChannelType = 'Channel::Email'

export function isEmail(type: string): boolean {
  return channelOf(type).isEmail === true
}

export function isApi(type: string): boolean {
  return channelOf(type).isApi === true
}

export function isWidget(type: string): boolean {
  return channelOf(type).isWidget === true
}

/**
 * Clients choose the source ids: another contact's id stays with that contact. Elsewhere it is an address, and moves to
 * its new owner.
 */
export function isNamedByClients(type: string): boolean {
  return ['client', 'visitor'].includes(channelOf(type).sourceId)
}

/** SQL: whether the channel under alias `ch` is one of e-mail, of the API, of the web widget. */
export const isEmailSql = `ch.channel_type = 'Channel::Email'`
export const isApiSql = `ch.channel_type = 'Channel::Api'`
export const isWidgetSql = `ch.channel_type = 'Channel::WebWidget'`
