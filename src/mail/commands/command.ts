// What an agent asks for with commands on the first lines of a mail: plain values, before names are looked up.

import type { Mailbox } from '../parsed-mail.ts'

/** A moment as people write it; it becomes a time in the zone of the conversation. */
export type SnoozeTime =
  | { readonly kind: 'after'; readonly minutes: number }
  | {
      readonly kind: 'day'
      /** `2026-12-24`, or a day that depends on today. */
      readonly day: string | { readonly inDays: number } | { readonly weekday: number }
      /** `HH:MM`. */
      readonly time: string
    }

export const commandPriorities = ['low', 'medium', 'high', 'urgent'] as const
export type CommandPriority = (typeof commandPriorities)[number]

export type CommandRequest =
  | { readonly kind: 'status'; readonly status: 'open' | 'resolved' | 'pending' }
  | { readonly kind: 'snooze'; readonly until: SnoozeTime }
  | { readonly kind: 'assign'; readonly to: 'me' | 'nobody' | { readonly name: string } }
  | { readonly kind: 'team'; readonly name: string | null }
  | { readonly kind: 'label'; readonly labels: readonly string[]; readonly isThere: boolean }
  | { readonly kind: 'priority'; readonly priority: CommandPriority | null }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'private' }
  | { readonly kind: 'to'; readonly mailbox: Mailbox }
  | { readonly kind: 'cc'; readonly addresses: readonly string[] }
  | { readonly kind: 'block' }

export interface Command {
  /** As it was written, on one line; a note without its words. */
  readonly said: string
  readonly request: CommandRequest
}

/** Why a command is not understood, and what to write instead: sentences for the agent. */
export interface CommandProblem {
  readonly said: string
  readonly why: string
  readonly instead: string
}

export interface CommandReading {
  readonly commands: readonly Command[]
  readonly problems: readonly CommandProblem[]
  /** The words below the commands; all words when there are none. */
  readonly rest: string
}

/** The refusal of an argument. */
export type Refusal = Omit<CommandProblem, 'said'>

/** Never throws. */
export function isRefusal(read: CommandRequest | Refusal): read is Refusal {
  return 'why' in read
}
