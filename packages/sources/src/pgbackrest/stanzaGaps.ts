import type { Problem } from "../Importer.ts"
import { toolWords } from "../records/recordText.ts"
import type { Status } from "./Stanza.ts"

const OK = 0
const NO_BACKUPS = 2
const MIXED = 4

/** The code of a stanza whose repositories are of different databases. */
export const DATABASE_MISMATCH = 5

type MaybeStatus = Status | null | undefined

/** What there is to judge whether a stanza's list is whole. */
export interface StanzaState {
  readonly place: string
  readonly status: MaybeStatus
  readonly repositories: ReadonlyArray<{ readonly place: string; readonly key: string; readonly status: MaybeStatus }>
  /** The repositories that listed backups are in. */
  readonly keysOfBackups: ReadonlySet<string>
  /** Whether the list has the details that only `--set` shows, of the one backup that was asked for. */
  readonly ofOneSet: boolean
}

/** What shows that a stanza's list of backups is not whole. */
export interface StanzaGaps {
  readonly problems: ReadonlyArray<Problem>
  /** Whether only options are to blame, such as `--set`. */
  readonly areAskedFor: boolean
}

interface Lack {
  readonly message: string
  readonly isAskedFor: boolean
}

/** Why a state says less than "here are all backups"; undefined when it says so. */
const lackOf = (status: MaybeStatus, hasBackups: boolean, what: string): Lack | undefined => {
  const code = status?.code
  if (code === NO_BACKUPS || (code === OK && hasBackups)) return undefined
  if (code === OK) {
    const message = `pgBackRest calls ${what} ok and lists no backup of it, so its list was cut down`
    return { message, isAskedFor: true }
  }
  const message =
    code === undefined
      ? `pgBackRest says nothing of the state of ${what}, so backups may be missing`
      : `pgBackRest says of ${what}: ${toolWords(status?.message ?? "nothing")} (code ${code}), so backups may be missing`
  return { message, isAskedFor: false }
}

/** What shows that a stanza's list of backups is not whole. */
export const stanzaGaps = (stanza: StanzaState): StanzaGaps => {
  const problems: Array<Problem> = []
  let areAskedFor = true
  const note = (place: string, lack: Lack | undefined): void => {
    if (lack === undefined) return
    problems.push({ place, message: lack.message })
    areAskedFor = areAskedFor && lack.isAskedFor
  }
  for (const { place, key, status } of stanza.repositories) {
    note(`${place}.status`, lackOf(status, stanza.keysOfBackups.has(key), `its repository ${key}`))
  }
  const code = stanza.status?.code
  // Of several repositories each one's own state tells; these two only say that they differ.
  const isSaidByRepositories = stanza.repositories.length > 0 && (code === MIXED || code === DATABASE_MISMATCH)
  if (problems.length === 0 && !isSaidByRepositories) {
    note(`${stanza.place}.status`, lackOf(stanza.status, stanza.keysOfBackups.size > 0, "the stanza"))
  }
  if (stanza.ofOneSet) {
    note(stanza.place, { message: "this is the answer to --set, which lists one backup of many", isAskedFor: true })
  }
  return { problems, areAskedFor }
}
