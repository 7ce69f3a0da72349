import { JSONSchema } from "effect"
import { SyncConfig } from "./SyncConfig.ts"

/** The JSON Schema of a configuration, for editors. */
export const syncSchema = (): string => {
  const { $schema, ...schema } = JSONSchema.make(SyncConfig)
  const about = { title: "backups.yaml", description: "What backups sync imports into the catalog." }
  return `${JSON.stringify({ $schema, ...about, ...schema }, null, 2)}\n`
}
