import { StoreUnavailable } from "@backup-catalog/core/store"
import { Effect } from "effect"
import { type MaybeOfStandby, STANDBY, STANDBY_REASON } from "./primary.ts"

/** Whether who asks may write to what there is. */
export interface Fitness extends MaybeOfStandby {
  readonly readOnly: boolean
  /** Tables of the store of which not all is allowed that the store does; none while there are no tables. */
  readonly kept: ReadonlyArray<string>
}

/** All tables of a store, but for what its migrations note of themselves. */
export const TABLES = [
  ...["accounts", "backups", "tokens", "sources", "imports", "sightings", "sighted", "origins"],
  ...["retired", "events", "instances", "policies"]
]

const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE"]

const texts = (some: ReadonlyArray<string>) => `unnest(array['${some.join("', '")}'])`

/** Asks for the fitness of a server. */
export const FITNESS = `
  SELECT ${STANDBY}, current_setting('transaction_read_only') = 'on' AS "readOnly",
    array(SELECT name FROM ${texts(TABLES)} AS name WHERE EXISTS (
      SELECT 1 FROM ${texts(PRIVILEGES)} AS privilege
      WHERE has_table_privilege(to_regclass(name), privilege) = false)) AS kept`

/** Why a server is no store; undefined when it is one. */
export const unfitness = ({ standby, readOnly, kept }: Fitness): string | undefined => {
  if (standby) return STANDBY_REASON
  if (readOnly) return "it takes no writes of this user; default_transaction_read_only must be off"
  return kept.length === 0 ? undefined : `its user needs SELECT, INSERT, UPDATE and DELETE on ${kept.join(", ")}`
}

/** Fails where a server is no store. */
export const refuseUnfit = (found: Fitness | undefined): Effect.Effect<void, StoreUnavailable> => {
  const reason = found && unfitness(found)
  return reason === undefined ? Effect.void : new StoreUnavailable({ cause: new Error(reason) })
}
