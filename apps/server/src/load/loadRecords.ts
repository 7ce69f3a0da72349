import { type AccountId, type Backup, decodeBackupFast, describeParseErrors, wasRetired } from "@backup-catalog/core"
import { BackupStore, type PutResult } from "@backup-catalog/core/store"
import { Effect, Either, Stream } from "effect"
import { batches } from "../records/batches.ts"
import { type Entry, Unreadable } from "../records/Entry.ts"
import type { AnswerNotes } from "./answerEntries.ts"
import { readEntries } from "./readEntries.ts"

/** What loading a file did so far, in records. */
export interface LoadCounts extends PutResult {
  readonly rejected: number
}

/** What came of loading a whole file. */
export interface LoadResult extends LoadCounts {
  /** The file was one page of a list that goes on elsewhere. */
  readonly goesOn: boolean
  /** Why the file could not be read to its end; what came before was loaded. */
  readonly unreadable: string | undefined
}

/** How a file is loaded, and who hears of it. */
export interface LoadOptions {
  /** Records in one transaction. */
  readonly batchSize: number
  /** Called with each record that is none, by its place and with the reason. */
  readonly onReject: (place: string, problem: string) => Effect.Effect<void>
  /** Called after each transaction. */
  readonly onProgress: (counts: LoadCounts) => Effect.Effect<void>
}

// A record that comes again is an update of the one before, wherever the batches are cut.
const distinctRuns = (backups: ReadonlyArray<Backup>): ReadonlyArray<ReadonlyArray<Backup>> => {
  const runs: Array<Array<Backup>> = []
  let ids = new Set<string>()
  for (const backup of backups) {
    const run = runs.at(-1)
    if (run === undefined || ids.has(backup.id)) {
      runs.push([backup])
      ids = new Set([backup.id])
    } else {
      run.push(backup)
      ids.add(backup.id)
    }
  }
  return runs
}

// A list of several accounts must not become that of one of them.
const refusal = ({ projectId, retiredAt }: Backup, account: AccountId): string | undefined => {
  if (projectId !== undefined && projectId !== account) return "project_id is another account than --account"
  return retiredAt === undefined ? undefined : `it ${wasRetired()}`
}

const toBackup = (entry: Entry, account: AccountId): Either.Either<Backup, string> => {
  if ("problem" in entry) return Either.left(entry.problem)
  return Either.flatMap(
    Either.mapLeft(decodeBackupFast(entry.value), (error) => describeParseErrors(error, "it")),
    (backup) => {
      const refused = refusal(backup, account)
      return refused === undefined ? Either.right(backup) : Either.left(refused)
    }
  )
}

const nothing: LoadCounts = { created: 0, updated: 0, unchanged: 0, rejected: 0 }

/**
 * Puts the records of a file into the store, by id, in transactions of bounded size and with constant memory.
 *
 * A record that is none is reported and passed over, the others of its batch are kept. Loading again changes nothing.
 */
export const loadRecords = (account: AccountId, chunks: AsyncIterable<Uint8Array>, options: LoadOptions) =>
  Effect.gen(function* () {
    const store = yield* BackupStore
    const notes: AnswerNotes = { goesOn: false }

    const loadBatch = Effect.fnUntraced(function* (counts: LoadCounts, entries: ReadonlyArray<Entry>) {
      const backups: Array<Backup> = []
      for (const entry of entries) {
        const backup = toBackup(entry, account)
        if (Either.isRight(backup)) backups.push(backup.right)
        else yield* options.onReject(entry.place, backup.left)
      }
      let after = { ...counts, rejected: counts.rejected + entries.length - backups.length }
      for (const run of distinctRuns(backups)) {
        const put = yield* store.put(account, run)
        after = {
          ...after,
          created: after.created + put.created,
          updated: after.updated + put.updated,
          unchanged: after.unchanged + put.unchanged
        }
      }
      yield* options.onProgress(after)
      return after
    })

    let unreadable: string | undefined
    const counts = yield* Stream.fromAsyncIterable(
      batches(readEntries(chunks, notes), options.batchSize),
      (cause) => cause
    ).pipe(
      Stream.catchAll((cause) => {
        if (!(cause instanceof Unreadable || (cause instanceof Error && "code" in cause))) return Stream.die(cause)
        unreadable = cause.message
        return Stream.empty
      }),
      Stream.runFoldEffect(nothing, loadBatch)
    )
    return { ...counts, goesOn: notes.goesOn, unreadable } satisfies LoadResult
  })
