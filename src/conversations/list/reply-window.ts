// The end of the reply window of a conversation: some channels allow an answer only for a certain time after their
// user's last message. Email and the widget have no such window.

import { channelOf, isApi } from '../../contracts/channels.ts'
import type { Json } from '../records/rows.ts'

const hourMs = 3_600_000
const humanAgentHours = 7 * 24

/** A channel as it is kept. */
export interface ReplyChannel {
  readonly type: string
  readonly settings: Json
}

/** Hours after the last incoming message in which one may answer; null = always. Never throws. */
function replyWindowHours({ type, settings }: ReplyChannel): number | null {
  if (isApi(type)) return hoursOf(toObject(settings['additional_attributes'])['agent_reply_time_window'])
  const { replyHours = null, replyHoursByMedium = {}, hasHumanAgents = false } = channelOf(type)
  if (hasHumanAgents && settings['human_agent_enabled'] === true) return humanAgentHours
  return replyHoursByMedium[String(settings['medium'])] ?? replyHours
}

/** True if an answer is allowed now. The window is closed until the contact's first message. */
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
