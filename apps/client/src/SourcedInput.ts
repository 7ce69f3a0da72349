import { decodeSourcedBackup } from "@backup-catalog/core"
import { Either } from "effect"
import { type BackupInput, backupMembers, invalidMember, readInput, recordOfInput } from "./BackupInput.ts"
import type { Known } from "./readMembers.ts"

/** A backup as a source brings it: its record, and what else the source knows of it. */
export interface SourcedInput extends BackupInput {
  /** The id that the tool itself gave it. */
  readonly nativeId?: string | null | undefined
  /** The tool's own id of its parent, also where there is no such backup. */
  readonly nativeParentId?: string | null | undefined
  /** Why it may not be good although it ended well, in one sentence without a full stop. */
  readonly suspect?: string | null | undefined
}

const sourcedMembers: Known<SourcedInput> = {
  ...backupMembers,
  nativeId: true,
  nativeParentId: true,
  suspect: true
}

const native = (name: string, value: unknown): object =>
  value === undefined || value === null ? {} : { [name]: value }

/** The line of an import that an input means; or which member is unknown or invalid, as a clause. */
export const lineOfInput = (input: SourcedInput): Either.Either<string, string> =>
  Either.gen(function* () {
    const { nativeId, nativeParentId, suspect, ...given } = yield* readInput(input, sourcedMembers)
    const line = {
      ...(yield* recordOfInput(given)),
      ...native("native_id", nativeId),
      ...native("native_parent_id", nativeParentId),
      ...native("suspect", suspect)
    }
    yield* Either.mapLeft(decodeSourcedBackup(line), invalidMember)
    return JSON.stringify(line)
  })
