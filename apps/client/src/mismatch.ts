import {
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

const filtersOf = ({ datastore, instanceId, statuses, createdSince, createdBefore }: BackupFilter) => {
  const each: Readonly<Record<string, BackupFilter>> = {
    ...(datastore === undefined ? {} : { datastore: { datastore } }),
    ...(instanceId === undefined ? {} : { instanceId: { instanceId } }),
    ...(statuses === undefined ? {} : { status: { statuses } }),
    ...(createdSince === undefined ? {} : { createdSince: { createdSince: floorToSecond(createdSince) } }),
    ...(createdBefore === undefined ? {} : { createdBefore: { createdBefore } })
  }
  return Object.entries(each)
}

/** That an answer is to another question than was asked, as the end of a sentence. */
export const otherQuestion = (why: string): string => `it answered another question: ${why}`

/** What tells that a page has more items than it was to have, as the end of a sentence. */
export const tooManyOf = (name: string, items: ReadonlyArray<unknown>, { limit }: PageRequest): string | undefined =>
  limit !== undefined && items.length > limit
    ? otherQuestion(`${name} has ${items.length} records where limit allows ${limit}; it may not know this limit`)
    : undefined

/**
 * What tells that the backups of a page answer another question than the one that was asked, as the end of a sentence;
 * undefined when they may be the answer. A server leaves out what it does not know of a question, and says nothing.
 */
export const mismatchOf = (
  backups: ReadonlyArray<Backup>,
  filter: BackupFilter,
  page: PageRequest,
  scope: AccountScope = {}
): string | undefined => {
  const tooMany = tooManyOf("backups", backups, page)
  if (tooMany !== undefined) return tooMany
  if (spansAccounts(scope)) {
    const index = backups.findIndex(
      ({ projectId }) => projectId === undefined || projectId !== (scope.projectId ?? projectId)
    )
    if (index >= 0) {
      return otherQuestion(
        `backups[${index}] is not said to be of ${scope.projectId === undefined ? "any account" : `the account ${scope.projectId}`}; it may not know all_projects and project_id`
      )
    }
  }
  for (const [name, one] of filtersOf(filter)) {
    const index = backups.findIndex((backup) => !matches(one)(backup))
    if (index >= 0) {
      return otherQuestion(`backups[${index}] does not match the filter ${name}; it may not know this filter`)
    }
  }
  const retired = filter.include === undefined ? backups.findIndex(({ retiredAt }) => retiredAt !== undefined) : -1
  if (retired >= 0) {
    return otherQuestion(`backups[${retired}] is retired, and those that are were not asked for`)
  }
  return undefined
}
