import { Predicate } from "effect"
import { serversOf } from "./jsonOutput.ts"

// They print Barman's own record of a backup, which is misread as what Barman shows of it, and has no server in a list.
const isRecordOfBackup = (entry: unknown): boolean =>
  Predicate.isRecord(entry) && typeof entry.backup_id === "string" && Object.hasOwn(entry, "begin_wal")

/** The command of barman-cloud that printed a value; undefined when none did. */
export const cloudCommand = (value: unknown): string | undefined => {
  const entries = (serversOf(value) ?? []).map(([, entry]) => entry)
  if (entries.some(isRecordOfBackup)) return "barman-cloud-backup-show"
  return entries.some((entry) => Array.isArray(entry) && entry.some(isRecordOfBackup))
    ? "barman-cloud-backup-list"
    : undefined
}
