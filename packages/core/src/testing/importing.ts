import { Effect, Option } from "effect"
import type { AccountId, Backup } from "../Backup.ts"
import { type ImportMode, type SourcedBackup, SourceName } from "../Import.ts"
import { type ImportEnd, ImportStore, type RunningImport } from "../store/ImportStore.ts"
import { broken } from "./law.ts"

/** The source that imports are of unless they say another. */
export const mine = SourceName.make("mine")

/** How something is imported: as a snapshot of `mine` unless it says otherwise. */
export interface Importing {
  readonly source?: SourceName
  readonly mode?: ImportMode
  readonly dryRun?: boolean
}

/** Backups as a source has them, under names of its own. */
export const sourced = (backups: ReadonlyArray<Backup>): ReadonlyArray<SourcedBackup> =>
  backups.map((backup) => ({
    ...backup,
    nativeId: Option.some(`native ${backup.id}`),
    nativeParentId: Option.map(backup.parentId, (id) => `native ${id}`),
    suspect: Option.none()
  }))

/** Begins an import. */
export const begin = Effect.fnUntraced(function* (
  account: AccountId,
  { source = mine, mode = "snapshot", dryRun = false }: Importing
) {
  const begun = yield* (yield* ImportStore).begin(account, source, mode, dryRun, 2)
  return begun.kind === "begun" ? begun.import : yield* broken("an import", begun.kind, "begun")
})

/** Brings some backups. */
export const write = Effect.fnUntraced(function* (running: RunningImport, backups: ReadonlyArray<SourcedBackup>) {
  const store = yield* ImportStore
  const written = yield* store.together(running, store.write(running, backups))
  return "kind" in written ? yield* broken("what was written", written.kind, "the result of a batch") : written
})

/** Retires what an import has not brought, and gives how many that were. */
const retire = Effect.fnUntraced(function* (running: RunningImport) {
  const store = yield* ImportStore
  let retired = 0
  let after: Parameters<typeof store.retire>[1]
  do {
    const step = yield* store.retire(running, after)
    if ("kind" in step) return yield* broken("what was retired", step.kind, "the result of a step")
    retired += step.retired
    after = step.next
  } while (after !== undefined)
  return retired
})

/** Ends an import. */
export const end = (running: RunningImport, status: ImportEnd["status"] = "COMPLETED") =>
  Effect.flatMap(ImportStore, (store) => store.end(running, { status, message: Option.none(), rejected: 0 }))

/** Imports some backups from begin to end, and gives what that did. */
export const imported = Effect.fnUntraced(function* (
  account: AccountId,
  backups: ReadonlyArray<SourcedBackup>,
  importing: Importing = {}
) {
  const running = yield* begin(account, importing)
  const { created, updated, unchanged } = yield* write(running, backups)
  const retired = importing.mode === "merge" ? 0 : yield* retire(running)
  yield* end(running)
  return { created, updated, unchanged, retired }
})
