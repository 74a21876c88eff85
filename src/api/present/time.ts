// Times as Chatwoot's clients read them: whole epoch seconds, 0 for "never".

/** Whole epoch seconds; 0 when it never happened. */
export function epochSeconds(time: Date | null): number {
  return time === null ? 0 : Math.floor(time.getTime() / 1000)
}
