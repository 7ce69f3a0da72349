import type { ReplicaStatus, ReplicasStatus } from "../store/StoreStatus.ts"
import type { Watched } from "./Counters.ts"

/** What is watched of the replicas that lists are read from. */
export const replicaMetrics = (status: () => ReplicasStatus): ReadonlyArray<Watched> => {
  const ofEach = (number: (replica: ReplicaStatus) => number | undefined) => () =>
    Object.fromEntries(
      status().each.flatMap((replica) => {
        const found = number(replica)
        return found === undefined ? [] : [[replica.host, found]]
      })
    )
  return [
    {
      name: "backup_catalog_replica_used",
      help: "1 while lists are read from the replica, 0 while it is left out.",
      label: "replica",
      together: "min",
      read: ofEach(({ used }) => (used ? 1 : 0))
    },
    {
      name: "backup_catalog_replica_lag_seconds",
      help: "How long ago the replica was last known to have all that the primary had: it is no further behind; absent while it never was.",
      unit: "s",
      label: "replica",
      together: "max",
      read: ofEach(({ lag }) => (lag === undefined ? undefined : lag / 1000))
    },
    {
      name: "backup_catalog_replica_pages_total",
      help: "Pages of lists that the replica gave.",
      grows: true,
      label: "replica",
      together: "sum",
      read: ofEach(({ pages }) => pages)
    },
    {
      name: "backup_catalog_replica_fallbacks_total",
      help:
        "Pages of lists that the primary gave although there are replicas, by reason: none could be used, " +
        "its page was of another version, or it failed.",
      grows: true,
      label: "reason",
      together: "sum",
      read: () => status().fallbacks
    }
  ]
}
