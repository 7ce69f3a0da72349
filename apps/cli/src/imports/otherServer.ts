import { type AccountId, type Backup, BackupCatalog, type BackupId, type CatalogError } from "@backup-catalog/core"
import type { Inventory, SourceRecord } from "@backup-catalog/sources"
import { Effect, Layer, Stream } from "effect"
import { boundedPages } from "../catalog/boundedPages.ts"
import { catalogLive } from "../catalog/catalogLive.ts"
import { NotDone } from "../outcomes/NotDone.ts"
import { UsageError } from "../outcomes/UsageError.ts"
import { Account } from "../settings/Account.ts"
import { checkCloud } from "../settings/CloudSession.ts"
import { foreseeSettings, readSettings, type Settings } from "../settings/Settings.ts"
import { Screen } from "../terminal/Screen.ts"
import { whileNobodySends } from "./eventLoop.ts"
import type { OtherServer } from "./ImportTask.ts"

// More than fits into memory with room to spare.
const MOST = 1_000_000

// What says where our own catalog is must not send anybody there instead of to the other one.
const ours = ["BACKUPS_URL", "BACKUPS_ACCOUNT", "BACKUPS_TOKEN", "BACKUPS_PROFILE"]
const ofOpenStack = ["OS_CLOUD", "OS_AUTH_URL"]

const without = (env: NodeJS.ProcessEnv, names: ReadonlyArray<string>): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))

const settingsOf = (
  server: OtherServer,
  env: NodeJS.ProcessEnv
): Effect.Effect<Settings, UsageError | CatalogError, Screen> =>
  server.from === "profile"
    ? readSettings(
        { value: () => undefined },
        { ...without(env, [...ours, ...ofOpenStack]), BACKUPS_PROFILE: server.path }
      )
    : readSettings({ value: (name) => (name === "os-cloud" ? server.name : undefined) }, without(env, ours))

/** Looks whether the settings that lead to another server can be used, without asking anybody. */
export const checkServer = (server: OtherServer, env: NodeJS.ProcessEnv): Effect.Effect<void, UsageError> =>
  Effect.gen(function* () {
    if (server.from === "cloud") return yield* checkCloud(server.name, without(env, ours))
    const settings = yield* foreseeSettings(server.path, without(env, [...ours, ...ofOpenStack]))
    if (settings !== undefined) yield* Effect.scoped(Layer.build(catalogLive(settings)))
  })

/** Where the import goes to, to be told from where it comes from. */
export interface Destination {
  readonly url: string
  readonly account: AccountId
}

const addressOf = (url: string): string => (URL.canParse(url) ? new URL(url).href.replace(/\/+$/, "") : url)

/** Adds what the other server lists; tells whether its pages are counted from the beginning. */
const walk = (backups: Map<BackupId, Backup>) =>
  Effect.gen(function* () {
    let [more, counted] = [false, false]
    yield* Stream.runForEach(boundedPages(yield* Account, {}, MOST), (part) =>
      Effect.sync(() => {
        for (const backup of part.backups) backups.set(backup.id, backup)
        more = part.more
        counted = part.counted
      })
    )
    if (!more) return counted
    return yield* new NotDone({
      message: `Nothing was imported. The other server has more than ${MOST} backups, which is the most that is read.`
    })
  })

const listed = Effect.gen(function* () {
  const backups = new Map<BackupId, Backup>()
  // What was on none of its pages, since something else was deleted while they were read, must not seem to be gone.
  if (yield* walk(backups)) yield* walk(backups)
  return [...backups.values()]
})

/**
 * The first backup of a list that has, beside it, what an import under the same name makes of it; `records` is what it
 * makes of each. One that such an import made itself is none: whoever has imported this list before has the same.
 */
const importedBeside = (backups: ReadonlyArray<Backup>, records: ReadonlyArray<SourceRecord>): Backup | undefined => {
  const ids = new Set(backups.map(({ id }) => id))
  const made = new Set(records.map(({ backup }) => backup.id))
  return backups.find(({ id }, n) => {
    const copy = records[n]?.backup.id
    return copy !== undefined && ids.has(copy) && !made.has(id)
  })
}

const isHere = (account: AccountId, id: BackupId): Effect.Effect<boolean, CatalogError, BackupCatalog> =>
  Effect.flatMap(BackupCatalog, (catalog) => catalog.get(account, id)).pipe(
    Effect.map(({ retiredAt }) => retiredAt === undefined),
    Effect.catchTag("ItemNotFound", () => Effect.succeed(false))
  )

const refuseOwn = (account: AccountId, url: string, how: string): UsageError =>
  new UsageError({
    message: `The account ${account} of ${url} is the one that is imported into${how}; give the profile or the cloud of another.`
  })

/**
 * The backups of an account of another server, the whole list of them, as `trove` reads saved answers. Refused where
 * the other server is the one that is imported into: each import would then add the backups of the one before. By
 * another address, that is known from what the first import left in the list.
 */
export const inventoryOfServer = (
  server: OtherServer,
  source: string,
  destination: Destination
): Effect.Effect<Inventory, CatalogError | UsageError | NotDone, BackupCatalog | Screen> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(server, process.env)
    const { url, account } = settings
    const isOurs = destination.account === account
    if (isOurs && addressOf(destination.url) === addressOf(url)) return yield* refuseOwn(account, url, "")
    const { note } = yield* Screen
    const backups = yield* listed.pipe(
      Effect.provide(catalogLive(settings)),
      Effect.tapError(({ _tag }) =>
        _tag === "NotDone"
          ? Effect.void
          : note(`${source}: Nothing was imported, since the account ${account} of ${url} could not be listed.`)
      )
    )
    const { troveRecords } = yield* Effect.promise(() => import("@backup-catalog/sources"))
    const { records, beside } = yield* whileNobodySends(
      Effect.sync(() => {
        const records = troveRecords(backups, { source })
        return { records, beside: isOurs ? importedBeside(backups, records) : undefined }
      })
    )
    // Another catalog may have imported itself once: only where it has the same backup is it this one.
    if (beside !== undefined && (yield* isHere(account, beside.id))) {
      const how = `, by another address: it has the same backup ${beside.id}, and what an earlier import as ${source} made of that`
      return yield* refuseOwn(account, url, how)
    }
    return { records, problems: [], complete: true }
  })
