import { randomUUID } from "node:crypto"
import type { Flags, Input } from "@backup-catalog/command-line"
import {
  type Backup,
  backupStatuses,
  decodeBackup,
  describeParseError,
  formatInstantMicros,
  instantFromMillis
} from "@backup-catalog/core"
import { Either, Option } from "effect"
import { refuse, UsageError } from "../outcomes/UsageError.ts"
import { parseSize, sizeForms } from "../rows/Size.ts"
import { timeOf } from "./optionValues.ts"

type RecordFlag =
  | "name"
  | "id"
  | "status"
  | "created"
  | "updated"
  | "size"
  | "instance"
  | "parent"
  | "datastore"
  | "location"
  | "description"

/** The options that say what the record of a backup has. */
export const recordFlags: Flags<RecordFlag> = {
  name: { value: "NAME", help: "Its name. Needed, unless --from is given." },
  id: { value: "ID", help: "Its id. Default: a new UUID." },
  status: {
    value: "STATUS",
    help: `Its state, in any case. Default COMPLETED; there are ${backupStatuses.join(" ")}.`,
    choices: backupStatuses
  },
  created: {
    value: "WHEN",
    help: "When it was made: 12h, 7d, 2026-11-01, 2026-11-01T08:30:00Z. UTC where no zone is given. Default: now."
  },
  updated: { value: "WHEN", help: "When it was changed last; the same forms. Default: when it was made." },
  size: { value: "SIZE", help: "How large it is: bytes, or binary units as in 500M, 1.5G, 2T." },
  instance: { value: "ID", help: "The database instance that it was taken of." },
  parent: { value: "ID", help: "The backup that it is incremental to." },
  datastore: { value: "TYPE[:VERSION]", help: "The database software, as in PostgreSQL:17." },
  location: {
    value: "URL",
    help: "Where its backup files are. The catalog never opens them: no password belongs in the address."
  },
  description: { value: "TEXT", help: "What else there is to say of it." }
}

/** The names of these options. */
export const recordFlagNames = Object.keys(recordFlags) as ReadonlyArray<RecordFlag>

const options: Readonly<Record<string, RecordFlag>> = {
  instance_id: "instance",
  parent_id: "parent",
  locationRef: "location",
  "datastore.type": "datastore",
  "datastore.version": "datastore"
}

// The sentence begins with the member of the record at fault.
const ofOption = (sentence: string): string =>
  sentence.replace(/^[\w.]+/, (member) => `The option --${options[member] ?? member}`)

const readSize = (text: string | undefined): Either.Either<Backup["size"], UsageError> => {
  if (text === undefined) return Either.right(Option.none())
  const value = parseSize(text)
  if (value === undefined) return refuse(`The option --size takes ${sizeForms}, not ${text}.`)
  return value < 2n ** 63n
    ? Either.right(Option.some({ unit: "bytes" as const, value }))
    : refuse(`The option --size takes less than 8 EiB, not ${text}.`)
}

const readDatastore = (text: string | undefined) => {
  if (text === undefined) return {}
  const at = text.indexOf(":")
  return { datastore: at < 0 ? { type: text } : { type: text.slice(0, at), version: text.slice(at + 1) || null } }
}

/** The backup that the options describe at a time (milliseconds since 1970), or the error for the option at fault. */
export const readRecordFlags = (input: Input<RecordFlag>, now: number): Either.Either<Backup, UsageError> =>
  Either.gen(function* () {
    const name = input.value("name")
    if (name === undefined) return yield* refuse("The option --name is missing; or give whole records with --from.")
    const created = (yield* timeOf(input, "created", now)) ?? instantFromMillis(now)
    const updated = (yield* timeOf(input, "updated", now)) ?? created
    const size = yield* readSize(input.value("size"))
    const backup = yield* Either.mapLeft(
      decodeBackup({
        id: input.value("id") ?? randomUUID(),
        name,
        description: input.value("description") ?? null,
        status: input.value("status")?.toUpperCase() ?? "COMPLETED",
        created: formatInstantMicros(created),
        updated: formatInstantMicros(updated),
        instance_id: input.value("instance") ?? null,
        parent_id: input.value("parent") ?? null,
        locationRef: input.value("location") ?? null,
        ...readDatastore(input.value("datastore"))
      }),
      (error) => new UsageError({ message: `${ofOption(describeParseError(error, "record"))}.` })
    )
    return { ...backup, size }
  })
