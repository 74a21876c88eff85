// Waiting for what another process does: asked again and again until it is so, and a clear failure when it never is.

/**
 * The first answer of `ask` that is not null, undefined or false. Throws after `withinMs`, saying what was waited
 * for.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`not within ${String(withinMs)} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
