import {
  type AccountId,
  type AccountScope,
  type Backup,
  type BackupFilter,
  type Instant,
  matches,
  type PageRequest,
  spansAccounts
} from "@backup-catalog/core"

const SECOND = 1_000_000n

// The wire cuts times to whole seconds, so a backup of the same second may have been created later than it says.
const floorToSecond = (instant: Instant): Instant => (instant - (((instant % SECOND) + SECOND) % SECOND)) as Instant

// What a caller calls each filter. One that is missing here would not be missed in an answer that does not heed it.
const judged: Readonly<Record<keyof Omit<BackupFilter, "include">, string>> = {
  datastore: "datastore",
  instanceId: "instanceId",
  statuses: "status",
  createdSince: "createdSince",
  createdBefore: "createdBefore"
}

const isJudged = (member: string): member is keyof typeof judged => Object.hasOwn(judged, member)

const filtersOf = ({
  createdSince,
  ...filter
}: BackupFilter): Readonly<Record<string, (backup: Backup) => boolean>> => {
  const since = createdSince === undefined ? {} : { createdSince: floorToSecond(createdSince) }
  return Object.fromEntries(
    Object.entries({ ...filter, ...since }).flatMap(([member, value]) =>
      isJudged(member) && value !== undefined ? [[judged[member], matches({ [member]: value })]] : []
    )
  )
}

/** That an answer is to another question than was asked, as the end of a sentence. */
export const otherQuestion = (why: string): string => `it answered another question: ${why}`

/**
 * What tells that a member of an answer is not the one that was asked for, as the end of a sentence; undefined when it
 * is.
 */
export const otherThan = (member: string, answered: unknown, asked: unknown): string | undefined =>
  answered === asked
    ? undefined
    : otherQuestion(`${member} is ${JSON.stringify(answered)} where ${JSON.stringify(asked)} was asked for`)

/** What tells that an item does not pass one of some filters, by their names, as the end of a sentence. */
export const unfitOf = <A>(
  name: string,
  items: ReadonlyArray<A>,
  filters: Readonly<Record<string, (item: A) => boolean>>
): string | undefined => {
  for (const [filter, fits] of Object.entries(filters)) {
    const index = items.findIndex((item) => !fits(item))
    if (index >= 0) {
      return otherQuestion(`${name}[${index}] does not match the filter ${filter}; it may not know this filter`)
    }
  }
  return undefined
}

/** What tells that a page has more items than it was to have, as the end of a sentence. */
export const tooManyOf = (name: string, items: ReadonlyArray<unknown>, { limit }: PageRequest): string | undefined =>
  limit !== undefined && items.length > limit
    ? otherQuestion(`${name} has ${items.length} records where limit allows ${limit}; it may not know this limit`)
    : undefined

/** What tells that a backup is of another account than the one that was asked for, as the end of a sentence. */
export const foreignOf = (name: string, { projectId }: Backup, account: AccountId): string | undefined =>
  projectId === undefined ? undefined : otherThan(`${name}.project_id`, projectId, account)

const outsideOf = (backups: ReadonlyArray<Backup>, account: AccountId, scope: AccountScope): string | undefined => {
  if (!spansAccounts(scope)) {
    const foreign = backups.findIndex((backup) => foreignOf("it", backup, account) !== undefined)
    const backup = backups[foreign]
    return backup && foreignOf(`backups[${foreign}]`, backup, account)
  }
  const index = backups.findIndex(
    ({ projectId }) => projectId === undefined || projectId !== (scope.projectId ?? projectId)
  )
  return index < 0
    ? undefined
    : otherQuestion(
        `backups[${index}] is not said to be of ` +
          `${scope.projectId === undefined ? "any account" : `the account ${scope.projectId}`}; it may not ` +
          "know all_projects and project_id"
      )
}

/**
 * What tells that the backups of a page answer another question than the one that was asked, as the end of a sentence;
 * undefined when they may be the answer. A server leaves out what it does not know of a question, and says nothing.
 */
export const mismatchOf = (
  backups: ReadonlyArray<Backup>,
  filter: BackupFilter,
  page: PageRequest,
  account: AccountId,
  scope: AccountScope = {}
): string | undefined => {
  const tooMany = tooManyOf("backups", backups, page)
  if (tooMany !== undefined) return tooMany
  const outside = outsideOf(backups, account, scope)
  if (outside !== undefined) return outside
  const unfit = unfitOf("backups", backups, filtersOf(filter))
  if (unfit !== undefined) return unfit
  const retired = filter.include === undefined ? backups.findIndex(({ retiredAt }) => retiredAt !== undefined) : -1
  if (retired >= 0) {
    return otherQuestion(`backups[${retired}] is retired, and those that are were not asked for`)
  }
  return undefined
}
