import { BackupId } from "@backup-catalog/core"
import { v5 } from "uuid"

const NAMESPACE = "5f7c1f0e-4a57-5d0e-9c39-6d1f2b9a4c11"

/**
 * The id of a tool's backup: a UUID of version 5 over the name of the source, the tool, and the parts that make the
 * tool's own id unique, from the outermost on (repository, stanza or server, id). The same at every import.
 */
export const backupIdOf = (source: string, tool: string, parts: ReadonlyArray<string>): BackupId =>
  // JSON, since a separator could be part of a name.
  BackupId.make(v5(JSON.stringify([source, tool, ...parts]), NAMESPACE))
