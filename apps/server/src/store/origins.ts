import type { SourcedBackup } from "@backup-catalog/core"
import { Option } from "effect"

/** What a source says of a backup besides the record. */
export interface OriginRow {
  readonly native_id: string | null
  readonly native_parent_id: string | null
  readonly suspect: string | null
}

/** What a record of a source is kept as, besides the backup. */
export const toOrigin = ({ nativeId, nativeParentId, suspect }: SourcedBackup): OriginRow => ({
  native_id: Option.getOrNull(nativeId),
  native_parent_id: Option.getOrNull(nativeParentId),
  suspect: Option.getOrNull(suspect)
})
