import type { BackupId, InstanceId } from "../Backup.ts"
import { BadRequest, ItemNotFound, PreconditionFailed, UnprocessableEntity } from "../Fault.ts"
import type { ChainProblem } from "./BackupStore.ts"

/** The record is another one than the caller demands. */
export const otherThanDemanded = new PreconditionFailed({
  message: "The backup is not as the request demands (If-Match, If-None-Match); read it anew, and decide again."
})

/** The record has an id of its own, and it is to be kept under another one. */
export const otherId = new BadRequest({
  message: "In the request body, backup.id is another than the path has."
})

/** The record says that it is of another account than the one that it is to be kept in. */
export const ofOtherAccount = new BadRequest({
  message: "In the request body, backup.project_id is another account than the path has."
})

/** The account has no backup of an id. */
export const unknownBackup = (id: BackupId): ItemNotFound =>
  new ItemNotFound({ message: `The account has no backup with the id ${id}.` })

/** The account has no backup of an instance. */
export const unknownInstance = (id: InstanceId): ItemNotFound =>
  new ItemNotFound({ message: `The account has no backup of an instance with the id ${id}.` })

/** The account has no backup of an instance, and never had one. */
export const neverKnownInstance = (id: InstanceId): ItemNotFound =>
  new ItemNotFound({ message: `The account never had a backup of an instance with the id ${id}.` })

/** No list goes on at the marker; `whose` are the backups that it may be the id of. */
export const unknownMarker = (whose: string): BadRequest =>
  new BadRequest({
    message: `The query parameter marker must be what a next link carries, or the id of a backup of ${whose}.`
  })

/** The marker is an id that stands at several places of a list of all accounts. */
export const ambiguousMarker = new BadRequest({
  message: "The query parameter marker is the id of backups of several accounts; take what a next link carries."
})

/** A list of all accounts has no retired backups. */
export const retiredOfAll = new BadRequest({
  message:
    "The query parameters include=retired and all_projects exclude each other; ask for one account after the other."
})

const problems: Readonly<Record<ChainProblem, string>> = {
  parentMissing: "The account has no backup with the id that parent_id names; register the parent first.",
  parentOfOtherInstance:
    "The backup that parent_id names is of another instance, so this one cannot be incremental to it.",
  childOfOtherInstance: "Backups that are incremental to this one are of another instance; instance_id must be theirs.",
  cycle:
    "The backup that parent_id names is this one itself or descends from it; a chain must begin with a full backup."
}

/** The chain of a backup would not hold together. */
export const impossibleChain = (problem: ChainProblem): UnprocessableEntity =>
  new UnprocessableEntity({ message: problems[problem] })

/** A backup cannot be deleted while one is being made: itself, or one that is incremental to it. */
export const stillRunning = (id: BackupId, running: BackupId): UnprocessableEntity =>
  new UnprocessableEntity({
    message:
      running === id
        ? `The backup ${id} is still being made; delete it when it has ended.`
        : `The backup ${running}, which is incremental to ${id}, is still being made; delete them when it has ended.`
  })
