import type { ImportMode, SourceName } from "@backup-catalog/core"
import type { Mapping } from "@backup-catalog/sources"
import type { InventoryInput } from "./takeInventory.ts"

/** Another server of this API, by the profile that leads to it, or by a cloud of `clouds.yaml`. */
export type OtherServer =
  | { readonly from: "profile"; readonly path: string }
  | { readonly from: "cloud"; readonly name: string }

/** Where the backups of a source are read from. */
export type TaskInput = InventoryInput | OtherServer

/** One source, as it is to be imported. */
export interface ImportTask {
  readonly source: SourceName
  /** The name of an importer, or `records`. */
  readonly tool: string
  readonly input: TaskInput
  readonly timeZone?: string | undefined
  readonly location?: string | undefined
  readonly pattern?: string | undefined
  readonly mapping?: Mapping | undefined
  readonly mode: ImportMode
  readonly allowEmpty: boolean
  readonly dryRun: boolean
}
