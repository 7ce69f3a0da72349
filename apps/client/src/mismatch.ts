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

const ANOTHER = "it answered another question"

/**
 * What tells that the backups of a page answer another question than the one that was asked, as the end of a sentence;
 * undefined when they may be the answer. A server leaves out what it does not know of a question, and says nothing.
 */
export const mismatchOf = (
  backups: ReadonlyArray<Backup>,
  filter: BackupFilter,
  { limit }: PageRequest,
  scope: AccountScope = {}
): string | undefined => {
  if (limit !== undefined && backups.length > limit) {
    return `${ANOTHER}: backups has ${backups.length} records where limit allows ${limit}; it may not know this limit`
  }
  if (spansAccounts(scope)) {
    const index = backups.findIndex(
      ({ projectId }) => projectId === undefined || projectId !== (scope.projectId ?? projectId)
    )
    if (index >= 0) {
      return `${ANOTHER}: backups[${index}] is not said to be of ${scope.projectId === undefined ? "any account" : `the account ${scope.projectId}`}; it may not know all_projects and project_id`
    }
  }
  for (const [name, one] of filtersOf(filter)) {
    const index = backups.findIndex((backup) => !matches(one)(backup))
    if (index >= 0) {
      return `${ANOTHER}: backups[${index}] does not match the filter ${name}; it may not know this filter`
    }
  }
  return undefined
}
