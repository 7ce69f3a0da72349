import { barman } from "./barman/barman.ts"
import { borg } from "./borg/borg.ts"
import { dumps } from "./dumps/dumps.ts"
import type { FolderImporter, Importer, OutputImporter, SourceFile } from "./Importer.ts"
import { mariabackup } from "./mariabackup/mariabackup.ts"
import { pgbackrest } from "./pgbackrest/pgbackrest.ts"
import { rds } from "./rds/rds.ts"
import { redis } from "./redis/redis.ts"
import { restic } from "./restic/restic.ts"
import { trove } from "./trove/trove.ts"
import { walG } from "./wal-g/wal-g.ts"

const byName = {
  barman,
  borg,
  dumps,
  mariabackup,
  pgbackrest,
  rds,
  redis,
  restic,
  trove,
  "wal-g": walG
} satisfies Readonly<Record<string, Importer>>

/** The names of the importers, for those who must have something for each of them. */
export type ImporterName = keyof typeof byName

/** All importers, by their names. */
export const importers: ReadonlyArray<Importer> = Object.values(byName).sort((one, other) =>
  one.name < other.name ? -1 : 1
)

const outputImporters = importers.filter((importer) => importer.kind === "output")
const folderImporters = importers.filter((importer) => importer.kind === "folder")

/**
 * The importers that recognise an output: one for what a tool printed, none for what no tool here did. An empty list,
 * `[]`, is the same with every tool that prints one, so nobody recognises it.
 */
export const detectOutput = (bytes: Uint8Array): ReadonlyArray<OutputImporter> =>
  outputImporters.filter(({ detect }) => detect(bytes))

/** How much of a file `detectFolder` wants to see: as much of its beginning as the importer that wants most. */
export const detectionWants: FolderImporter["wants"] = (path, size) => {
  const wanted = folderImporters.map(({ wants }) => wants(path, size)).filter(({ head }) => head > 0)
  return {
    head: Math.max(0, ...wanted.map(({ head }) => head)),
    tail: 0,
    gunzip: wanted.some(({ gunzip }) => gunzip === true)
  }
}

/**
 * The importers that recognise files of a folder, of which there may be several: dumps may lie beside copies of Redis.
 * The files are those of the whole folder, read as `detectionWants` says.
 */
export const detectFolder = (files: ReadonlyArray<SourceFile>): ReadonlyArray<FolderImporter> =>
  folderImporters.filter(({ detect }) => detect(files))
