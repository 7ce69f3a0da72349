import type { BackupRecord } from "@backup-catalog/core"

/** A place in the order of a list. */
export interface Place {
  readonly created: string
  readonly id: string
}

/** What a list is asked for with, in its own terms. */
export interface Question {
  readonly datastore?: string
  readonly status?: string
  readonly instance?: string
  readonly limit?: number
}

/** A page as the account must get it. */
export interface ExpectedPage<Item> {
  readonly items: ReadonlyArray<Item>
  readonly more: boolean
}

const running = new Set(["NEW", "BUILDING", "SAVING"])

// All times are in the same form and all ids are ASCII, so that text compares as time and as bytes do.
const newestFirst = (a: Place, b: Place): number =>
  a.created === b.created ? (a.id < b.id ? 1 : a.id > b.id ? -1 : 0) : a.created < b.created ? 1 : -1

const pageOf = <Item>(items: ReadonlyArray<Item>, limit = items.length): ExpectedPage<Item> => ({
  items: items.slice(0, limit),
  more: items.length > limit
})

/**
 * What one account has, and what each operation on it must answer, as if there were no other: a plain map of records.
 *
 * It is the contract in the shortest words, without anything of the server in it.
 */
export class AccountModel {
  readonly #records = new Map<string, BackupRecord>()

  /** All records, newest first. */
  get records(): ReadonlyArray<BackupRecord> {
    return [...this.#records.values()].sort(newestFirst)
  }

  get(id: string): BackupRecord | undefined {
    return this.#records.get(id)
  }

  #children(id: string): ReadonlyArray<BackupRecord> {
    return this.records.filter(({ parent_id }) => parent_id === id)
  }

  #descendants(id: string): ReadonlyArray<BackupRecord> {
    return this.#children(id).flatMap((child) => [child, ...this.#descendants(child.id)])
  }

  #isPossible({ id, parent_id, instance_id }: BackupRecord): boolean {
    const parent = parent_id === null || parent_id === undefined ? undefined : this.get(parent_id)
    if (typeof parent_id === "string" && (parent === undefined || parent_id === id)) return false
    if (parent !== undefined && parent.instance_id !== instance_id) return false
    if (this.#descendants(id).some((one) => one.id === parent_id)) return false
    return this.#children(id).every((child) => child.instance_id === instance_id)
  }

  /** Writes a record, if `allowed` of the one that is there; gives the status of the answer. */
  put(record: BackupRecord, allowed: (before: BackupRecord | undefined) => boolean): 200 | 201 | 412 | 422 {
    const before = this.get(record.id)
    if (!allowed(before)) return 412
    if (!this.#isPossible(record)) return 422
    this.#records.set(record.id, record)
    return before === undefined ? 201 : 200
  }

  /** Removes a record and all that descend from it; gives the status of the answer. */
  remove(id: string, allowed: (before: BackupRecord) => boolean): 202 | 404 | 412 | 422 {
    const before = this.get(id)
    if (before === undefined) return 404
    if (!allowed(before)) return 412
    const tree = [before, ...this.#descendants(id)]
    if (tree.some(({ status }) => running.has(status))) return 422
    for (const one of tree) this.#records.delete(one.id)
    return 202
  }

  /** Whether the account has a backup of a datastore, by its type in any case. */
  hasDatastore(type: string): boolean {
    return this.records.some(({ datastore }) => datastore?.type.toLowerCase() === type.toLowerCase())
  }

  /** The newest datastore of a version. */
  datastoreOfVersion(versionId: string): BackupRecord["datastore"] {
    return this.records.find(({ datastore }) => datastore?.version_id === versionId)?.datastore
  }

  /** A page of the list, behind a place. */
  list({ datastore, status, instance, limit }: Question, after?: Place): ExpectedPage<BackupRecord> {
    const kept = this.records.filter(
      (record) =>
        (datastore === undefined || record.datastore?.type.toLowerCase() === datastore.toLowerCase()) &&
        (status === undefined || record.status === status) &&
        (instance === undefined || record.instance_id === instance) &&
        (after === undefined || newestFirst(after, record) < 0)
    )
    return pageOf(kept, limit)
  }

  /** A page of what descends from a backup; undefined when there is no such backup. */
  descendants(id: string, limit?: number): ExpectedPage<BackupRecord> | undefined {
    return this.#records.has(id) ? pageOf([...this.#descendants(id)].sort(newestFirst), limit) : undefined
  }

  /** A page of the instances that there are backups of, by id, each with the datastore of its newest backup. */
  instances(limit?: number): ExpectedPage<object> {
    const ids = [...new Set(this.records.flatMap(({ instance_id }) => instance_id ?? []))].sort()
    return pageOf(
      ids.flatMap((id) => this.instance(id) ?? []),
      limit
    )
  }

  /** An instance, as it is shown; undefined when there is no backup of it. */
  instance(id: string): object | undefined {
    const newest = this.records.find(({ instance_id }) => instance_id === id)
    if (newest === undefined) return undefined
    return { id, name: id, ...(newest.datastore ? { datastore: newest.datastore } : {}) }
  }
}
