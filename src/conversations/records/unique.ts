// Recognises duplicates, missing references and invalid values, however the database reports them: plain SQL (an
// SQLSTATE) or Prisma (P2002 and the like).

/** True if an error is a violated unique constraint. Never throws. */
export function isUniqueViolation(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  return error.code === '23505' || error.code === 'P2002'
}

/**
 * True if an error says that a referenced record is gone: a foreign key (SQLSTATE 23503, P2003) or a record to be
 * changed (P2025). Never throws.
 */
export function namesGone(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    ['23503', 'P2003', 'P2025'].includes(String(error.code))
  )
}

// SQLSTATE class 22: an invalid uuid or number, a number out of range, bytes that are not text; Prisma P2000, P2007,
// P2020 and P2023 mean the same.
const refusedValue = /^(22[0-9A-Z]{3}|P20(00|07|20|23))$/

/** True if the database refused a given value: the request is wrong, not the service. Never throws. */
export function refusesValue(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && refusedValue.test(String(error.code))
}

/**
 * The column that the violated constraint guards, among `columns` (snake_case); null when it is another. Never throws.
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
