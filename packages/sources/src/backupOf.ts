import { type Backup, type BackupId, type BackupStatus, InstanceId, type Instant } from "@backup-catalog/core"
import { Option } from "effect"
import { descriptionText, nameText, plainText } from "./recordText.ts"

/** What an importer knows of one backup, as the tool wrote it. */
export interface BackupFacts {
  readonly id: BackupId
  /** The name; `otherwise` where it is empty. */
  readonly name: string
  readonly otherwise: string
  /** The parts of the description, joined by semicolons; undefined and empty ones are left out. */
  readonly description: ReadonlyArray<string | undefined>
  readonly status: BackupStatus
  readonly created: Instant
  readonly updated: Instant
  readonly bytes?: bigint | undefined
  readonly instance?: string | undefined
  readonly parentId?: BackupId | undefined
  readonly locationRef?: string | undefined
  readonly datastore?: { readonly type: string; readonly version?: string | undefined } | undefined
}

const datastoreOf = (datastore: BackupFacts["datastore"]): Backup["datastore"] =>
  Option.map(Option.fromNullable(datastore && nameText(datastore.type)), (type) => ({
    type,
    version: Option.map(Option.fromNullable(datastore?.version || undefined), plainText),
    versionId: Option.none()
  }))

/** The record of a backup from what a tool wrote, with every text made such that a record can hold it. */
export const backupOf = (facts: BackupFacts): Backup => {
  const description = facts.description.filter((part) => part !== undefined && part !== "").join("; ")
  return {
    id: facts.id,
    name: nameText(facts.name) ?? nameText(facts.otherwise) ?? facts.id,
    description: description === "" ? Option.none() : Option.some(descriptionText(description)),
    status: facts.status,
    created: facts.created,
    updated: facts.updated,
    size: Option.map(Option.fromNullable(facts.bytes), (value) => ({ unit: "bytes" as const, value })),
    instanceId: Option.map(
      Option.fromNullable(facts.instance === undefined ? undefined : nameText(facts.instance)),
      (instance) => InstanceId.make(instance)
    ),
    parentId: Option.fromNullable(facts.parentId),
    locationRef: Option.map(Option.fromNullable(facts.locationRef), plainText),
    datastore: datastoreOf(facts.datastore)
  }
}
