import {
  type Backup,
  type BackupId,
  BackupSize,
  type BackupStatus,
  InstanceId,
  type Instant
} from "@backup-catalog/core"
import { Option, Schema } from "effect"
import { descriptionText, instanceText, locationText, nameText } from "./recordText.ts"

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
  /** What it takes; left out where it is more than a record can hold, as a sum may be. */
  readonly bytes?: bigint | undefined
  /** The name of the instance; one that no instance can have, such as `..`, is left out. */
  readonly instance?: string | undefined
  readonly parentId?: BackupId | undefined
  /** Where it is; left out where it is longer than a record can hold. */
  readonly locationRef?: string | undefined
  readonly datastore?: { readonly type: string; readonly version?: string | undefined } | undefined
}

const isSize = Schema.is(Schema.typeSchema(BackupSize))

const datastoreOf = (datastore: BackupFacts["datastore"]): Backup["datastore"] =>
  Option.map(Option.fromNullable(datastore && nameText(datastore.type)), (type) => ({
    type,
    version: Option.flatMapNullable(Option.fromNullable(datastore?.version), nameText),
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
    size: Option.filter(
      Option.map(Option.fromNullable(facts.bytes), (value) => ({ unit: "bytes" as const, value })),
      isSize
    ),
    instanceId: Option.filter(
      Option.flatMapNullable(Option.fromNullable(facts.instance), instanceText),
      Schema.is(InstanceId)
    ),
    parentId: Option.fromNullable(facts.parentId),
    locationRef: Option.flatMapNullable(Option.fromNullable(facts.locationRef), locationText),
    datastore: datastoreOf(facts.datastore)
  }
}
