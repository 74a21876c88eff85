// Rows as parameters of one statement: an array a column, and `unnest` in the text. Text and values come from one
// object of column types, so that a value never depends on its position in another file or further down.

/** A value of each PostgreSQL type; jsonb as the text of `toJsonb`. */
interface ValueOf {
  readonly int: number
  readonly bigint: number
  readonly float8: number
  readonly bool: boolean
  readonly text: string
  readonly uuid: string
  readonly jsonb: string
  readonly bytea: Buffer
}

type ColumnTypes = Readonly<Record<string, keyof ValueOf>>

/** One row: a value for each column. */
export type RowOf<Types extends ColumnTypes> = { readonly [Name in keyof Types]: ValueOf[Types[Name]] | null }

interface FromOptions<Name> {
  /** These columns only; all unless given. */
  readonly only?: readonly Name[]
  /** A further column with the number of the row, from 1. */
  readonly ordinality?: string
}

export interface Columns<Types extends ColumnTypes> {
  /** The text after `from`: `unnest($1::int[], $2::text[]) as n(id, name)`. Constant: for the top of a file. */
  readonly from: (alias: string, options?: FromOptions<keyof Types & string>) => string
  /** The parameters, in the order of `from`; further parameters follow them. */
  readonly values: (rows: readonly RowOf<Types>[]) => unknown[][]
}

/** Names the columns of rows and their types, in the order of their parameters, of which the first is `$first`. */
export function columns<const Types extends ColumnTypes>(types: Types, first = 1): Columns<Types> {
  const names: readonly (keyof Types & string)[] = Object.keys(types)
  return {
    from: (alias, { only = names, ordinality } = {}) => {
      const arrays = only.map((name) => `$${String(first + names.indexOf(name))}::${types[name] ?? ''}[]`)
      const counted = ordinality === undefined ? [] : [ordinality]
      const suffix = ordinality === undefined ? '' : ' with ordinality'
      return `unnest(${arrays.join(', ')})${suffix} as ${alias}(${[...only, ...counted].join(', ')})`
    },
    values: (rows) => names.map((name) => rows.map((row) => row[name])),
  }
}
