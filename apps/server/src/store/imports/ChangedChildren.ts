import type { Backup, BackupId } from "@backup-catalog/core"
import { Option } from "effect"
import type { OrphanRow } from "./ImportStatements.ts"

/** How many children are noted: some 10 MB of them. */
const MOST = 20_000

/**
 * Backups that a dry run would make other children than they are in the store, if they are there. Of more than 20,000
 * the others are taken to be as they are (docs/api.md, Dry run).
 */
export class ChangedChildren {
  readonly #children = new Set<BackupId>()
  readonly #under = new Map<BackupId, Array<OrphanRow>>()

  /** Notes some of them as they would be, under those of their parents that may go. */
  note(changed: ReadonlyArray<Backup>, mayGo: ReadonlySet<BackupId>): void {
    for (const { created, id, name, parentId } of changed.slice(0, MOST - this.#children.size)) {
      const parent_id = Option.getOrUndefined(parentId)
      this.#children.add(id)
      if (parent_id === undefined || !mayGo.has(parent_id)) continue
      const siblings = this.#under.get(parent_id)
      const row = { created, id, name, parent_id }
      if (siblings === undefined) this.#under.set(parent_id, [row])
      else siblings.push(row)
    }
  }

  /** The children of what goes, by those that the store has. */
  orphansOf(stored: ReadonlyArray<OrphanRow>, gone: ReadonlyArray<BackupId>): ReadonlyArray<OrphanRow> {
    if (this.#children.size === 0) return stored
    return [...stored.filter(({ id }) => !this.#children.has(id)), ...gone.flatMap((id) => this.#under.get(id) ?? [])]
  }
}
