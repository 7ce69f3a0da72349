import type { Flags, Input } from "@backup-catalog/command-line"
import {
  type BackupFilter,
  type BackupStatus,
  backupStatuses,
  hasLength,
  parseBound,
  parsePointInTime,
  pointInTimeForms
} from "@backup-catalog/core"
import { Either } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
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

const refuse = (message: string) => Either.left(new UsageError({ message }))

const isStatus = (text: string): text is BackupStatus => backupStatuses.some((status) => status === text)

const readStatuses = (given: ReadonlyArray<string>): Either.Either<ReadonlyArray<BackupStatus>, UsageError> => {
  const texts = given.flatMap((text) => text.split(","))
  const unknown = texts.find((text) => !isStatus(text.toUpperCase()))
  return unknown === undefined
    ? Either.right(texts.map((text) => text.toUpperCase()).filter(isStatus))
    : refuse(`The status ${unknown === "" ? '""' : unknown} is not known; there are ${backupStatuses.join(" ")}.`)
}

const readInclude = (text: string | undefined): Either.Either<BackupFilter["include"], UsageError> =>
  text === undefined || text === "retired"
    ? Either.right(text)
    : refuse(`The option --include takes retired, not ${text}.`)

/** The filter that was asked for at a time (milliseconds since 1970), or the error for the option at fault. */
export const readFilter = (input: Input<FilterFlag>, now: number): Either.Either<BackupFilter, UsageError> =>
  Either.gen(function* () {
    const point = (name: "since" | "before") => {
      const text = input.value(name)
      if (text === undefined) return Either.right(undefined)
      const instant = parsePointInTime(text, now, parseBound)
      return instant === undefined
        ? refuse(`The option --${name} takes ${pointInTimeForms}, not ${text}.`)
        : Either.right(instant)
    }
    const datastore = input.value("datastore")
    if (datastore !== undefined && !hasLength(datastore, 0, 255)) {
      return yield* refuse("The option --datastore takes at most 255 characters.")
    }
    const instance = input.value("instance")
    const instanceId = instance === undefined ? undefined : yield* readInstanceId(instance, "--instance")
    const statuses = yield* readStatuses(input.values("status"))
    const createdSince = yield* point("since")
    const createdBefore = yield* point("before")
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
