// The registry's description of a command.

export interface Option {
  /** Name of its value; none for a switch. */
  readonly value?: string
  readonly does: string
  readonly multiple?: true
}

export interface Subcommand {
  /** As help shows them: `ID`, `[FILE]`, `FILE…`. */
  readonly args: string
  readonly does: string
  readonly options?: Readonly<Record<string, Option>>
  readonly example: string
  /** The confirmation question on a terminal, skipped by --yes. */
  readonly confirm?: string
}

export interface Command {
  readonly does: string
  readonly load: () => Promise<{ readonly run: (args: string[]) => Promise<number> }>
  /** Subcommands; '' for a command without. The first is done when none is named, if `hasDefault`. */
  readonly subcommands: Readonly<Record<string, Subcommand>>
  readonly hasDefault?: boolean
  /** The command parses its own arguments: an MTA may give any. */
  readonly isRaw?: boolean
}
