// Until when an agent may answer in a conversation (chatwoot.md §6): some channels let one write only for so long
// after their user's last message. E-mail and the widget have no such window.

import type { Json } from '../records/rows.ts'

const hourMs = 3_600_000
const windows = new Map([
  ['Channel::Whatsapp', 24],
  ['Channel::FacebookPage', 24],
  ['Channel::Instagram', 24],
  ['Channel::Tiktok', 48],
])
const withHumanAgents = new Set(['Channel::FacebookPage', 'Channel::Instagram'])
const humanAgentHours = 7 * 24

/** A channel as it is kept. */
export interface ReplyChannel {
  readonly type: string
  readonly settings: Json
}

/** Hours after the last incoming message in which one may answer; null = always. Never throws. */
function replyWindowHours({ type, settings }: ReplyChannel): number | null {
  if (type === 'Channel::Api') return hoursOf(toObject(settings['additional_attributes'])['agent_reply_time_window'])
  if (type === 'Channel::TwilioSms') return settings['medium'] === 'whatsapp' ? 24 : null
  if (withHumanAgents.has(type) && settings['human_agent_enabled'] === true) return humanAgentHours
  return windows.get(type) ?? null
}

/** Whether one may answer now. Before the contact has said anything a window is shut. */
export function canReply(channel: ReplyChannel, lastIncomingAt: Date | null, now: Date): boolean {
  const hours = replyWindowHours(channel)
  if (hours === null) return true
  return lastIncomingAt !== null && now.getTime() < lastIncomingAt.getTime() + hours * hourMs
}

function hoursOf(value: unknown): number | null {
  const hours = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof hours === 'number' && Number.isFinite(hours) && hours > 0 ? hours : null
}

function toObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}
