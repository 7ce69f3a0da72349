import { type Backup, decodeBackup } from "@backup-catalog/core"
import type { Role } from "@backup-catalog/core/http"
import { Either } from "effect"

/** The tokens of the requests: long and odd enough that no answer holds one by chance. */
export const tokens = {
  member: "member-of-1234-wAo7kXz9",
  reader: "reader-of-1234-qLm2vRt5",
  admin: "admin-of-1234-hYc8nDe1",
  expired: "expired-of-1234-bUi4sPj6",
  other: "member-of-99-gFz3xKw0",
  scratch: "member-of-scratch-tQv6aMy8"
} as const

/** Whom the tokens stand for. */
export const tokenRecords: Record<string, { account: string; role?: Role; expires?: number }> = {
  [tokens.member]: { account: "1234" },
  [tokens.reader]: { account: "1234", role: "reader" },
  [tokens.admin]: { account: "1234", role: "admin" },
  [tokens.expired]: { account: "1234", expires: 1 },
  [tokens.other]: { account: "99" },
  [tokens.scratch]: { account: "scratch" }
}

/** What is in every record of account 99 and in none of 1234: no answer to 1234 may hold it. */
export const SECRET_OF_99 = "kept-by-99-jNs5oBd2"

/** A record that can be written as it is. */
export const record = {
  name: "nightly",
  description: null,
  status: "COMPLETED",
  created: "2014-06-19T15:56:58",
  updated: "2014-06-19T15:57:58",
  size: 0.5,
  instance_id: "db-1",
  parent_id: null,
  locationRef: null,
  datastore: { type: "MySQL", version: "5.1", version_id: "v-5.1" }
}

const backup = (id: string, members: object = {}): Backup =>
  Either.getOrThrow(decodeBackup({ ...record, id, ...members }))

const backupOf99 = (id: string, members: object = {}): Backup =>
  backup(id, { name: SECRET_OF_99, locationRef: `https://${SECRET_OF_99}.example`, ...members })

/**
 * What the accounts have when the hostile requests begin. 1234 is the one they aim at, 99 has the same ids and some of
 * its own, `scratch` is where a request may write that is odd but good.
 */
export const accounts: Record<string, ReadonlyArray<Backup>> = {
  "1234": [
    backup("full"),
    backup("inc-1", { parent_id: "full" }),
    backup("inc-2", { parent_id: "inc-1" }),
    backup("lone", { instance_id: "db-2", datastore: { type: "PostgreSQL", version: null, version_id: null } }),
    backup("base-of-running", { instance_id: "db-3" }),
    backup("running", { instance_id: "db-3", parent_id: "base-of-running", status: "BUILDING" }),
    backup("a/b?c%d ä;e#f")
  ],
  "99": [backupOf99("full"), backupOf99("inc-1", { parent_id: "full" }), backupOf99("only-99")],
  scratch: [backup("full")]
}
