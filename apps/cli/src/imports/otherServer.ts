import type { AccountId, Backup, BackupId, CatalogError } from "@backup-catalog/core"
import type { Inventory } from "@backup-catalog/sources"
import { Effect, Stream } from "effect"
import { Account } from "../Account.ts"
import { boundedPages } from "../boundedPages.ts"
import { catalogLive } from "../catalogLive.ts"
import { NotDone } from "../NotDone.ts"
import { Screen } from "../Screen.ts"
import { readSettings, type Settings } from "../Settings.ts"
import { UsageError } from "../UsageError.ts"
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
 * The backups of an account of another server, the whole list of them, as `trove` reads saved answers. Refused where the
 * other server is the one that is imported into: each import would then add the backups of the one before.
 */
export const inventoryOfServer = (
  server: OtherServer,
  source: string,
  destination: Destination | undefined
): Effect.Effect<Inventory, CatalogError | UsageError | NotDone, Screen> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(server, process.env)
    const { url, account } = settings
    if (destination?.account === account && addressOf(destination.url) === addressOf(url)) {
      return yield* new UsageError({
        message: `The account ${account} of ${url} is the one that is imported into; give the profile or the cloud of another.`
      })
    }
    const { note } = yield* Screen
    const backups = yield* listed.pipe(
      Effect.provide(catalogLive(settings)),
      Effect.tapError(({ _tag }) =>
        _tag === "NotDone"
          ? Effect.void
          : note(`Nothing was imported: the account ${account} of ${url} was not listed.`)
      )
    )
    const { troveRecords } = yield* Effect.promise(() => import("@backup-catalog/sources"))
    return { records: troveRecords(backups, { source }), problems: [], complete: true }
  })
