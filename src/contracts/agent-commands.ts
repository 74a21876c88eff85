// The commands of an agent's mail after their names were looked up: what is done beside, or instead of, the answer.

import type { CommandPriority, CommandProblem, CommandRequest } from '../mail/commands/command.ts'

/** One change, with the ids and times that its names mean. */
export type CommandAction =
  | {
      readonly kind: 'status'
      readonly status: 'open' | 'resolved' | 'pending' | 'snoozed'
      readonly snoozedUntil: Date | null
    }
  | { readonly kind: 'assign'; readonly agentId: number | null }
  | { readonly kind: 'team'; readonly teamId: number | null }
  | { readonly kind: 'priority'; readonly priority: CommandPriority | null }
  | Extract<CommandRequest, { kind: 'label' | 'note' | 'block' }>

export interface AgentCommands {
  /** In the order in which they are performed. */
  readonly actions: readonly CommandAction[]
  /** The commands as they were written, a note without its words. */
  readonly said: readonly string[]
  /** What is left of the new words: only this may leave. */
  readonly words: string
  /** Whether words and files are sent to the customer, are kept as a private note, or there are none. */
  readonly becomes: 'answer' | 'note' | 'nothing'
  /** Further recipients of the answer. */
  readonly cc: readonly string[]
}

/** What the agent is mailed when their commands are not understood. */
export interface CommandReport {
  readonly userId: number
  /** Null: the mail was to begin one. */
  readonly conversationId: number | null
  readonly understood: readonly string[]
  readonly problems: readonly CommandProblem[]
  /** The corrected words become a private note, too. */
  readonly isNote: boolean
  /** Their new words, commands included. */
  readonly words: string
}
