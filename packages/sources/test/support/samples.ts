import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Backup, formatInstantMicros, type Instant } from "@backup-catalog/core"
import { Effect, Option, Schema } from "effect"
import { assert } from "vitest"
import type { Importer, ImportOptions, Inventory, SourceFile } from "../../src/index.ts"

const fixtures = join(import.meta.dirname, "..", "fixtures")

/** The bytes of a sample: `restic/snapshots.json`. */
export const sample = (path: string): Uint8Array => new Uint8Array(readFileSync(join(fixtures, path)))

/** The paths of all samples of all tools. */
export const allSamples = (): ReadonlyArray<string> =>
  readdirSync(fixtures, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(fixtures, join(entry.parentPath, entry.name)))

/** JSON as the output of a tool. */
export const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Options of an import, in March 2027. */
export const optionsWith = (options: Partial<ImportOptions> = {}): ImportOptions => ({
  source: "test",
  now: Date.UTC(2027, 2, 1),
  ...options
})

const parse = (importer: Importer, input: Uint8Array | ReadonlyArray<SourceFile>, options: ImportOptions) =>
  importer.kind === "output"
    ? importer.parse(input as Uint8Array, options)
    : importer.parse(input as ReadonlyArray<SourceFile>, options)

const validBackup = Schema.validateSync(Schema.typeSchema(Backup))

/** What an importer makes of an input, of valid records with an id each; throws where it refuses it. */
export const inventoryOf = (
  importer: Importer,
  input: Uint8Array | ReadonlyArray<SourceFile>,
  options: Partial<ImportOptions> & { readonly pattern?: string } = {}
): Inventory => {
  const inventory = Effect.runSync(parse(importer, input, optionsWith(options)))
  for (const { backup } of inventory.records) validBackup(backup)
  assert.strictEqual(new Set(inventory.records.map(({ backup }) => backup.id)).size, inventory.records.length)
  return inventory
}

/** The words with which an importer refuses an input; throws where it does not. */
export const refusalOf = (
  importer: Importer,
  input: Uint8Array | ReadonlyArray<SourceFile>,
  options: Partial<ImportOptions> & { readonly pattern?: string } = {}
): string => Effect.runSync(Effect.flip(parse(importer, input, optionsWith(options)))).message

/** What a record says, flat and readable. */
export const flat = (backup: Backup) => ({
  name: backup.name,
  status: backup.status,
  created: at(backup.created),
  updated: at(backup.updated),
  bytes: Option.getOrNull(Option.map(backup.size, (size) => size.value)),
  instance: Option.getOrNull(backup.instanceId),
  parent: Option.getOrNull(backup.parentId),
  location: Option.getOrNull(backup.locationRef),
  datastore: Option.getOrNull(
    Option.map(backup.datastore, ({ type, version }) => [type, Option.getOrNull(version)] as const)
  )
})

/** An instant to the microsecond, in UTC. */
export const at = (instant: Instant): string => formatInstantMicros(instant)

/** The description of a record; empty when it has none. */
export const descriptionOf = (backup: Backup): string => Option.getOrElse(backup.description, () => "")

/** The paths at whose files an importer says that it knows them. */
export const detectedBy = (detect: (bytes: Uint8Array) => boolean): ReadonlyArray<string> =>
  allSamples()
    .filter((path) => detect(sample(path)))
    .toSorted()
