import { type BadRequest, describeParseError, SourcedBackup } from "@backup-catalog/core"
import { Effect, Option, Predicate, Schema } from "effect"
import { type BackupInput, parseBackupInput, refuseInput } from "./BackupInput.ts"

/** A backup as a source brings it: its record, and what else the source knows of it. */
export interface SourcedInput extends BackupInput {
  /** The id that the tool itself gave it. */
  readonly nativeId?: string | null | undefined
  /** The tool's own id of its parent, also where there is no such backup. */
  readonly nativeParentId?: string | null | undefined
  /** Why it may not be good although it ended well, in one sentence without a full stop. */
  readonly suspect?: string | null | undefined
}

const validate = Schema.validate(SourcedBackup)

/** The backup of a source that an input means; `BadRequest` naming the member that is unknown or invalid. */
export const parseSourcedInput = (input: SourcedInput): Effect.Effect<SourcedBackup, BadRequest> =>
  Effect.gen(function* () {
    if (!Predicate.isRecord(input)) return yield* refuseInput("the backup must be an object")
    const { nativeId, nativeParentId, suspect, ...record } = input
    const { projectId: _, retiredAt: __, ...backup } = yield* parseBackupInput(record)
    return yield* validate({
      ...backup,
      nativeId: Option.fromNullable(nativeId),
      nativeParentId: Option.fromNullable(nativeParentId),
      suspect: Option.fromNullable(suspect)
    })
  }).pipe(Effect.catchTag("ParseError", (error) => refuseInput(describeParseError(error, "the backup"))))
