import type { Flags, Input } from "@backup-catalog/command-line"
import { type BackupFilter, backupStatuses, parseBound } from "@backup-catalog/core"
import { Either } from "effect"
import { refuse, type UsageError } from "../outcomes/UsageError.ts"
import { datastoreOf, timeOf, wordsOf } from "./optionValues.ts"
import { readInstanceId } from "./readInstanceId.ts"

type FilterFlag = "datastore" | "instance" | "status" | "since" | "before" | "include"

/** The options that say which backups a list has. */
export const filterFlags: Flags<FilterFlag> = {
  datastore: { value: "TYPE", help: "Only backups of this datastore, in any case: mysql, PostgreSQL." },
  instance: {
    value: "ID",
    help: "Only backups of the database instance with this id. The catalog does not know names of instances."
  },
  status: {
    value: "STATUS",
    repeatable: true,
    help: `Only backups in this state, in any case; with commas for several: failed,delete_failed. There are ${backupStatuses.join(" ")}.`,
    choices: backupStatuses
  },
  since: {
    value: "WHEN",
    help: "Only backups made then or later: 12h, 7d, 4w, 2026-11-01, 2026-11-01T08:30:00Z. UTC where no zone is given."
  },
  before: { value: "WHEN", help: "Only backups made earlier than that; the same forms as --since." },
  include: {
    value: "WHAT",
    help: "retired: also backups that their source no longer has, and since when.",
    choices: ["retired"]
  }
}

const readInclude = (text: string | undefined): Either.Either<BackupFilter["include"], UsageError> =>
  text === undefined || text === "retired"
    ? Either.right(text)
    : refuse(`The option --include takes retired, not ${text}.`)

/** The filter that was asked for at a time (milliseconds since 1970), or the error for the option at fault. */
export const readFilter = (input: Input<FilterFlag>, now: number): Either.Either<BackupFilter, UsageError> =>
  Either.gen(function* () {
    const datastore = yield* datastoreOf(input)
    const instance = input.value("instance")
    const instanceId = instance === undefined ? undefined : yield* readInstanceId(instance, "--instance")
    const statuses = yield* wordsOf("status", backupStatuses, input.values("status"), (text) => text.toUpperCase())
    const createdSince = yield* timeOf(input, "since", now, parseBound)
    const createdBefore = yield* timeOf(input, "before", now, parseBound)
    if (createdSince !== undefined && createdBefore !== undefined && createdSince >= createdBefore) {
      return yield* refuse("The time of --since must be earlier than that of --before; no backup can be in between.")
    }
    const include = yield* readInclude(input.value("include"))
    return {
      ...(include === undefined ? {} : { include }),
      ...(datastore === undefined ? {} : { datastore }),
      ...(instanceId === undefined ? {} : { instanceId }),
      ...(statuses.length === 0 ? {} : { statuses }),
      ...(createdSince === undefined ? {} : { createdSince }),
      ...(createdBefore === undefined ? {} : { createdBefore })
    }
  })
