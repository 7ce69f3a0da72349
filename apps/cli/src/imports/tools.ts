import type { ImporterName } from "@backup-catalog/sources"

/** The tool whose name stands for records of this catalog's own form, which are sent as they are. */
export const RECORDS = "records"

/**
 * What an importer reads: what a command of its tool prints, what somebody saved and no command prints, or a folder.
 */
export type ToolInput = "printed" | "saved" | "folder"

/** What each importer reads, by their names; they are not asked themselves, since they are loaded only when needed. */
export const tools: Readonly<Record<string, ToolInput>> = {
  barman: "printed",
  borg: "printed",
  dumps: "folder",
  mariabackup: "folder",
  pgbackrest: "printed",
  rds: "printed",
  redis: "folder",
  restic: "printed",
  trove: "saved",
  "wal-g": "printed"
} satisfies Readonly<Record<ImporterName, ToolInput>>

/** The importer for which another server is listed here, where nobody has saved what it answers. */
export const LISTED_TOOL: ImporterName = "trove"

/** What can be imported from, by the names of the importers. */
export const toolNames: ReadonlyArray<string> = [...Object.keys(tools), RECORDS]

/** The names of the importers that read folders. */
export const folderTools: ReadonlyArray<string> = Object.keys(tools).filter((name) => tools[name] === "folder")
