import { type AccountId, type Backup, BackupCatalog, type BackupId, type Instant } from "@backup-catalog/core"
import { Effect, Option } from "effect"
import { descendantsOf } from "./deletionPlan.ts"
import { historyOf } from "./historyOf.ts"

/** Where the ancestry of a backup ends although it should not. */
export interface BrokenLink {
  readonly kind: "missing" | "cycle"
  /** The parent that is not there, or that was there before. */
  readonly id: BackupId
  /** What the tool itself calls it, where the source said it. */
  readonly nativeId: Option.Option<string>
  /** What became of it, where the catalog knows. */
  readonly gone: Option.Option<{ readonly event: string; readonly at: Instant }>
}

/** A backup with all that it builds on, and all that builds on it. */
export interface Chain {
  readonly backup: Backup
  /** From the top down. */
  readonly ancestors: ReadonlyArray<Backup>
  /** What is above the first of the ancestors, or the backup itself, where there should be something. */
  readonly broken: Option.Option<BrokenLink>
  /** None when the catalog does not tell. */
  readonly descendants: Option.Option<ReadonlyArray<Backup>>
}

const missing = Effect.fnUntraced(function* (account: AccountId, child: Backup, id: BackupId) {
  const ofChild = yield* historyOf(account, child.id, 1)
  const own = yield* historyOf(account, id, 1)
  const nativeId = Option.flatMap(ofChild, ({ origins }) =>
    Option.firstSomeOf(origins.map(({ nativeParentId }) => nativeParentId))
  )
  const gone = Option.flatMapNullable(own, ({ events }) =>
    events.find(({ event }) => event === "retired" || event === "deleted")
  )
  return { kind: "missing", id, nativeId, gone } satisfies BrokenLink
})

/** The chain of a backup; `ItemNotFound` when the account has none with this id. */
export const chainOf = Effect.fnUntraced(function* (account: AccountId, id: BackupId) {
  const catalog = yield* BackupCatalog
  const backup = yield* catalog.get(account, id)
  const upwards: Array<Backup> = []
  const seen = new Set<BackupId>([id])
  let broken = Option.none<BrokenLink>()
  let child = backup
  while (Option.isSome(child.parentId) && Option.isNone(broken)) {
    const parentId = child.parentId.value
    if (seen.has(parentId)) {
      broken = Option.some({ kind: "cycle", id: parentId, nativeId: Option.none(), gone: Option.none() })
      break
    }
    seen.add(parentId)
    const parent = yield* Effect.catchTag(
      Effect.asSome(catalog.get(account, parentId)),
      "ItemNotFound",
      () => Effect.succeedNone
    )
    if (Option.isNone(parent)) {
      broken = Option.some(yield* missing(account, child, parentId))
    } else {
      upwards.push(parent.value)
      child = parent.value
    }
  }
  const descendants = Option.map(yield* descendantsOf(account, id), (all) => all.filter((one) => !seen.has(one.id)))
  return { backup, ancestors: upwards.reverse(), broken, descendants } satisfies Chain
})
