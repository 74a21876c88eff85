// Documentation of fields in /api/openapi.json besides their type. The registries (fields-*.ts) have one line for each
// name; where a name has several meanings, `Tag.name` and `METHOD path name` (for a path and those below it) are more
// specific.

/** A sentence, and a value as a client would send or read it. */
export interface FieldDoc {
  readonly description: string
  readonly example: unknown
  /** The values that are taken, where there are few. */
  readonly enum?: readonly string[]
  /** Replaces the schema of all accepted values. */
  readonly schema?: Readonly<Record<string, unknown>>
}

export type FieldDocs = Readonly<Record<string, FieldDoc>>

/** One line of a registry. */
export function field(description: string, example: unknown, values?: readonly string[]): FieldDoc {
  return { description, example, ...(values === undefined ? {} : { enum: values }) }
}

/** A line whose schema is narrower than what the field tolerates. */
export function typed(schema: FieldDoc['schema'] & object, description: string, example: unknown): FieldDoc {
  return { description, example, schema }
}
