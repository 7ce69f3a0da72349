import { BackupId } from "@backup-catalog/core"
import { Effect, Schema } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"

const isBackupId = Schema.is(BackupId)

/** The id of a backup that was given as an argument. */
export const readBackupId = (text: string): Effect.Effect<BackupId, UsageError> =>
  isBackupId(text)
    ? Effect.succeed(text)
    : new UsageError({
        message: "The id of a backup has 1 to 255 characters, none of them a control character, and is not . or .."
      })
