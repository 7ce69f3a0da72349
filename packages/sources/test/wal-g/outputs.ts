import { Option } from "effect"
import { walG } from "../../src/wal-g/wal-g.ts"
import { at, inventoryOf, json } from "../support/samples.ts"

export const utf8 = new TextEncoder()

export const FULL = "base_000000020000000700000010"

export const DELTA = "base_000000020000000700000043_D_000000020000000700000010"

export const SECOND_DELTA = "base_000000020000000700000061_D_000000020000000700000043"

/** Name, parent, created, updated, bytes, instance, type and version of the datastore. */
export type Row = readonly [
  string,
  string | null,
  string,
  string,
  bigint | null,
  string | null,
  string | null,
  string | null
]

export const rowsOf = (bytes: Uint8Array): ReadonlyArray<Row> =>
  inventoryOf(walG, bytes).records.map(({ backup, nativeId, nativeParentId }) => [
    nativeId,
    nativeParentId ?? null,
    at(backup.created),
    at(backup.updated),
    Option.getOrNull(Option.map(backup.size, (size) => BigInt(size.value))),
    Option.getOrNull(backup.instanceId),
    Option.getOrNull(Option.map(backup.datastore, ({ type }) => type)),
    Option.getOrNull(Option.flatMap(backup.datastore, ({ version }) => version))
  ])

export const entry = (name: string, members: Record<string, unknown> = {}) => ({
  backup_name: name,
  time: "2026-11-23T02:02:59Z",
  wal_file_name: "000000020000000700000061",
  ...members
})

export const imported = (...entries: ReadonlyArray<unknown>) => inventoryOf(walG, json(entries))
