import { Cause, Option } from "effect"
import { BadRequest, ItemNotFound, OverLimit, ServiceUnavailable, UnprocessableEntity } from "../Fault.ts"
import type { Import, SourceName } from "../Import.ts"
import { formatInstant } from "../Instant.ts"
import type { ImportPhase, ImportProgress } from "./ImportProgress.ts"
import type { ImportEnd } from "./ImportStore.ts"

/** Another import of the source runs. */
export const busy = (source: SourceName, started: Import["started"]): UnprocessableEntity =>
  new UnprocessableEntity({
    message: `Another import of the source ${source} runs since ${formatInstant(started)}Z; try again when it has ended.`
  })

/** The source would be one more than the account may have. */
export const tooManySources = (source: SourceName, most: number): OverLimit =>
  new OverLimit({
    message:
      `An account may have at most ${most} sources, and ${source} would be one more; a source is where ` +
      "backups come from, not one run of a tool, so import under the same name each time, or have " +
      "--max-sources of the server raised.",
    details: `maximum ${most}`
  })

/** The import no longer holds its source. */
export const overtaken = (source: SourceName): ServiceUnavailable =>
  new ServiceUnavailable({
    message: `The server was busy for so long that another import of the source ${source} could begin; import it again.`,
    retryAfter: 5
  })

/** How many reasons are named where all lines were rejected. */
const NAMED_REASONS = 3

const reasonsOf = ({ rejected, rejections }: ImportProgress): string => {
  const named = rejections.slice(0, NAMED_REASONS).map(({ line, reason }) => `line ${line}: ${reason}`)
  return [...named, ...(rejected > named.length ? [`and ${rejected - named.length} more`] : [])].join("; ")
}

/** A snapshot without any backup, of a source that has as many as are `known`, would retire what it does not name. */
export const emptyRefused = (source: SourceName, known: number, progress: ImportProgress): UnprocessableEntity => {
  const { rejected } = progress
  const [all, were] = rejected === 1 ? ["The only line", "was"] : [`All ${rejected} lines`, "were"]
  return new UnprocessableEntity({
    message:
      rejected === 0
        ? `This snapshot of the source ${source} has no backup, and would retire all that it had (${known}); ` +
          "if that is right, allow an empty snapshot."
        : `${all} of this snapshot of the source ${source} ${were} rejected (${reasonsOf(progress)}), so it ` +
          `has no backup, and would retire what it does not name of the ${known} that the source has; mend ` +
          "the lines, or if that is right, allow an empty snapshot.",
    details: "allow_empty=true allows an empty snapshot"
  })
}

const whereOf: Readonly<Record<Exclude<ImportPhase, "ended">, string>> = {
  reading: "before the end of the body",
  retiring: "while it retired what the source has lost",
  ending: "at its very end"
}

/** How an import is listed that failed before it had ended. */
export const brokenOff = (
  cause: Cause.Cause<unknown>,
  phase: Exclude<ImportPhase, "ended">
): Pick<ImportEnd, "status" | "message"> => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  const message = error instanceof Error ? error.message : `It broke off ${whereOf[phase]}; import again.`
  return {
    status: error instanceof UnprocessableEntity ? "REFUSED" : "INTERRUPTED",
    message: Option.some(message)
  }
}

/** The account has no import of an id. */
export const unknownImport = (id: string): ItemNotFound =>
  new ItemNotFound({ message: `The account has no import with the id ${id}.` })

/** The account never had a backup of an id. */
export const neverKnownBackup = (id: string): ItemNotFound =>
  new ItemNotFound({ message: `The account never had a backup with the id ${id}.` })

/** No list of imports goes on at the marker. */
export const unknownImportMarker = new BadRequest({
  message: "The query parameter marker must be what a next link carries, or the id of an import of the account."
})

/** No history goes on at the marker. */
export const unknownEventMarker = new BadRequest({
  message: "The query parameter marker must be what a next link carries."
})
