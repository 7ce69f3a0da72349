import {
  type Backup,
  type BackupStatus,
  BadRequest,
  decodeBackup,
  describeParseError,
  wasRetired
} from "@backup-catalog/core"
import { Effect, Either, type ParseResult } from "effect"
import { type Known, readMembers } from "./readMembers.ts"
import { timeText } from "./timeText.ts"

/**
 * A backup that is to be in the catalog: the members of a `PlainBackup`, of which those that are not known may be
 * absent.
 */
export interface BackupInput {
  readonly id: string
  /** 1 to 255 characters. */
  readonly name: string
  readonly description?: string | null | undefined
  readonly status: BackupStatus
  /** A Date, or text such as `2014-06-19T15:56:58.123456Z`; UTC where it has no zone. */
  readonly created: string | Date
  /** As `created`, which is what it is when absent. */
  readonly updated?: string | Date | undefined
  /** Gigabytes of 2^30 bytes. */
  readonly size?: number | null | undefined
  /**
   * The same in bytes, a whole number. Where both are given they must be the same; change one, and leave the other out.
   */
  readonly sizeInBytes?: number | bigint | null | undefined
  readonly instanceId?: string | null | undefined
  readonly parentId?: string | null | undefined
  readonly locationRef?: string | null | undefined
  readonly datastore?:
    | {
        readonly type: string
        readonly version?: string | null | undefined
        readonly versionId?: string | null | undefined
      }
    | null
    | undefined
  /** The account; a record that was listed has it, and it must be the client's own. */
  readonly projectId?: string | undefined
  /**
   * A record that was listed may have it: its source no longer has it, so it is refused. A backup that is written is
   * there again; where it is, leave this out.
   */
  readonly retiredAt?: string | null | undefined
}

/** The names of `BackupInput`. */
export const backupMembers: Known<BackupInput> = {
  id: true,
  name: true,
  description: true,
  status: true,
  created: true,
  updated: true,
  size: true,
  sizeInBytes: true,
  instanceId: true,
  parentId: true,
  locationRef: true,
  datastore: true,
  projectId: true,
  retiredAt: true
}

const datastoreMembers: Known<NonNullable<BackupInput["datastore"]>> = {
  type: true,
  version: true,
  versionId: true
}

const GIGABYTE = 2 ** 30

// The most that a record has, 2^63 - 1, is 2^63 once it is a number.
const isBytes = (bytes: number | bigint): boolean =>
  (typeof bytes === "bigint" || Number.isInteger(bytes)) && bytes >= 0 && bytes <= 2 ** 63

// The server calls them by their wire names, which mean nothing to whoever wrote these.
const camelCase = (sentence: string): string =>
  sentence.replace(/^\w+(?:\.\w+)?/, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))

// A record that was listed has the bytes that its gigabytes are, rounded.
const sizesDiffer = ({ size, sizeInBytes }: BackupInput): boolean => {
  if (size === undefined || sizeInBytes === undefined) return false
  return size === null || sizeInBytes === null
    ? size !== sizeInBytes
    : Math.round(size * GIGABYTE) !== Number(sizeInBytes)
}

const problemOf = (given: BackupInput): string | undefined => {
  const { sizeInBytes, retiredAt } = given
  if (retiredAt !== undefined && retiredAt !== null) return `the backup ${wasRetired("retiredAt")}`
  if (sizeInBytes !== undefined && sizeInBytes !== null && !isBytes(sizeInBytes)) {
    return "sizeInBytes must be a whole number from 0 to 2^63"
  }
  return sizesDiffer(given)
    ? "size and sizeInBytes say different things; give the one that is meant, and leave the other out"
    : undefined
}

const readDatastore = (datastore: BackupInput["datastore"]): Either.Either<BackupInput["datastore"], string> =>
  datastore === undefined || datastore === null
    ? Either.right(datastore)
    : Either.mapLeft(readMembers(datastore, datastoreMembers), ({ name, predicate }) =>
        name === undefined ? `datastore ${predicate}` : `the member datastore.${name} of the backup ${predicate}`
      )

/**
 * What an input says, read once; or that a member is not known, as a clause, since what it was to say would be lost.
 */
export const readInput = <Input extends BackupInput>(input: Input, known: Known<Input>): Either.Either<Input, string> =>
  Either.gen(function* () {
    const given = yield* Either.mapLeft(readMembers(input, known), ({ name, predicate }) =>
      name === undefined ? `the backup ${predicate}` : `the member ${name} of the backup ${predicate}`
    )
    return { ...given, datastore: yield* readDatastore(given.datastore) }
  })

// That of a record that was listed is what the catalog has; its bytes may be rounded.
const toGigabytes = ({ size, sizeInBytes }: BackupInput): number | null =>
  size ?? (sizeInBytes === undefined || sizeInBytes === null ? null : Number(sizeInBytes) / GIGABYTE)

const toRecord = ({ datastore, ...input }: BackupInput) => ({
  id: input.id,
  name: input.name,
  description: input.description ?? null,
  status: input.status,
  created: timeText(input.created),
  updated: timeText(input.updated ?? input.created),
  size: toGigabytes(input),
  instance_id: input.instanceId ?? null,
  parent_id: input.parentId ?? null,
  locationRef: input.locationRef ?? null,
  ...(datastore && {
    datastore: { type: datastore.type, version: datastore.version ?? null, version_id: datastore.versionId ?? null }
  }),
  ...(input.projectId !== undefined && { project_id: input.projectId })
})

/**
 * The record of what an input says on the wire, of which the values are still to be checked; where there is none, why,
 * as a clause.
 */
export const recordOfInput = (given: BackupInput): Either.Either<object, string> => {
  const problem = problemOf(given)
  return problem === undefined ? Either.right(toRecord(given)) : Either.left(problem)
}

/** That a member of an input has no valid value, by the name that it has there, as a clause. */
export const invalidMember = (error: ParseResult.ParseError): string =>
  camelCase(describeParseError(error, "the backup"))

/** The backup that an input means; `BadRequest` naming the member that is unknown or invalid. */
export const parseBackupInput = (input: BackupInput): Effect.Effect<Backup, BadRequest> =>
  Either.gen(function* () {
    const record = yield* Either.flatMap(readInput(input, backupMembers), recordOfInput)
    return yield* Either.mapLeft(decodeBackup(record), invalidMember)
  }).pipe(Effect.mapError((wrong) => new BadRequest({ message: `Nothing was asked: ${wrong}.` })))
