import type { Flags, Input } from "@backup-catalog/command-line"
import { type AccountScope, type BackupFilter, spansAccounts } from "@backup-catalog/core"
import { Clock, Effect, Either, Stream } from "effect"
import { boundedPages } from "../catalog/boundedPages.ts"
import type { CatalogCommand } from "../commandLine/Command.ts"
import { filterFlags, readFilter } from "../commandLine/listFilter.ts"
import { outputFlags, readOutput } from "../commandLine/outputFlags.ts"
import { refuse, UsageError } from "../outcomes/UsageError.ts"
import { noteOfList } from "../output/tellRows.ts"
import { makeRow } from "../rows/BackupRow.ts"
import { Account } from "../settings/Account.ts"
import { decodeAccount } from "../settings/Settings.ts"
import { Screen } from "../terminal/Screen.ts"

const limitFlag: Flags<"limit"> = {
  limit: { value: "N", help: "At most this many, the newest ones. Default: all. If there are more, stderr says so." }
}

const scopeFlags: Flags<"all-projects" | "project-id"> = {
  "all-projects": { help: "The backups of all accounts; each record then names its account. Needs the role admin." },
  "project-id": {
    value: "ID",
    help: "The backups of this account instead of your own. Needs the role admin."
  }
}

const flags = { ...filterFlags, ...scopeFlags, ...limitFlag, ...outputFlags }

type FlagName = keyof typeof flags

const readScope = (input: Input<FlagName>): Either.Either<AccountScope, UsageError> => {
  const project = input.value("project-id")
  if (project === undefined) return Either.right(input.given("all-projects") ? { allProjects: true } : {})
  return input.given("all-projects")
    ? refuse("The options --all-projects and --project-id exclude each other.")
    : Either.map(decodeAccount(project, "--project-id"), (projectId) => ({ projectId }))
}

const refuseRetiredOfAll = ({ include }: BackupFilter, { allProjects }: AccountScope) =>
  include !== undefined && allProjects === true
    ? new UsageError({
        message: "The options --include and --all-projects exclude each other; ask for one account after the other."
      })
    : Effect.void

const readLimit = (text: string | undefined): Effect.Effect<number | undefined, UsageError> =>
  text === undefined || /^[1-9]\d{0,14}$/.test(text)
    ? Effect.succeed(text === undefined ? undefined : Number(text))
    : new UsageError({ message: `The option --limit takes a whole number from 1 to 999999999999999, not ${text}.` })

/** `backups list`: the backups of the account, page after page as they come. */
export const list: CatalogCommand<FlagName> = {
  kind: "catalog",
  name: "list",
  summary: "List the backups of the account, newest first.",
  details: "Filters combine: a backup is listed when it meets all of them.",
  flags,
  examples: [
    ["backups list", "Every backup, as a table."],
    ["backups list --since 7d --status failed,delete_failed", "What went wrong in the last seven days."],
    ["backups list --datastore mysql -o value -c id", "The ids of all MySQL backups, one a line, for a script."],
    [
      "backups list --all-projects --status failed -c project_id,name,age",
      "Failed backups of all accounts, for an admin."
    ],
    ["backups list --include retired --since 90d", "Also what its source no longer has, and since when."],
    ["backups list -o ndjson | jq -r 'select(.size > 100) | .name'", "Names of the backups above 100 GB."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const account = yield* Account
    const now = yield* Clock.currentTimeMillis
    const scope = yield* readScope(input)
    const filter = yield* readFilter(input, now)
    yield* refuseRetiredOfAll(filter, scope)
    const { format, options } = yield* readOutput(input, screen, {
      projects: spansAccounts(scope),
      retired: filter.include !== undefined
    })
    const limit = yield* readLimit(input.value("limit"))

    const writer = format.list(options)
    let count = 0
    let more = false
    yield* boundedPages(account, filter, limit, scope).pipe(
      Stream.runForEach((part) => {
        count += part.backups.length
        more = part.more
        return screen.write(writer.rows(part.backups.map((backup) => makeRow(backup, now))))
      })
    )
    yield* screen.write(writer.end ?? "")

    yield* noteOfList(writer)
    if (more) yield* screen.note(`Only ${count} shown, and more exist: --limit ${count} was given.`)
    if (count === 0 && format.forPeople) {
      yield* screen.note(Object.keys(filter).length === 0 ? "No backups." : "No backups match.")
    }
  })
}
