// "There is one already", "there is none any more" and "that is no such value", however the database says it: plain
// SQL (an SQLSTATE) or Prisma (P2002 and the like).

/** Whether an error is a broken unique constraint. Never throws. */
export function isUniqueViolation(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  return error.code === '23505' || error.code === 'P2002'
}

/**
 * Whether an error says that what was named is gone: a foreign key that leads nowhere (SQLSTATE 23503, P2003), a
 * record that is not there to be changed (P2025). Never throws.
 */
export function namesGone(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    ['23503', 'P2003', 'P2025'].includes(String(error.code))
  )
}

// SQLSTATE class 22: text that is no uuid or number, a number out of range, bytes that are no text; Prisma P2000,
// P2007, P2020 and P2023 say the same.
const refusedValue = /^(22[0-9A-Z]{3}|P20(00|07|20|23))$/

/** Whether the database refused a value that was given: the request is wrong, not the service. Never throws. */
export function refusesValue(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && refusedValue.test(String(error.code))
}

/**
 * The column of ours that the broken constraint guards, among `columns` (snake_case); null when it is another. Never
 * throws.
 */
export function violatedColumn<Column extends string>(error: unknown, columns: readonly Column[]): Column | null {
  if (!isUniqueViolation(error)) return null
  const { constraint = '', meta = {} } = error as { constraint?: unknown; meta?: unknown }
  const text = `${String(constraint)} ${JSON.stringify(meta)}`
  return (
    columns.find((column) =>
      new RegExp(`(^|[^a-z])${column}($|[^a-z])`).test(text.replaceAll(`_${column}_key`, ` ${column} `)),
    ) ?? null
  )
}
