import type { Option } from "effect"
import type { Datastore, InstanceId } from "./Backup.ts"
import type { Marker } from "./Marker.ts"

/**
 * A database instance as far as its backups tell: its id, and the datastore that its newest backup names.
 *
 * The catalog knows no instances of its own; one exists here as long as the account has a backup of it.
 */
export interface Instance {
  readonly id: InstanceId
  readonly datastore: Option.Option<Datastore>
}

/** One page of the instances of an account, by id ascending; `next` is there only when more follow. */
export interface InstancePage {
  readonly instances: ReadonlyArray<Instance>
  readonly next?: Marker
}
