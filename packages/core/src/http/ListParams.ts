import { Schema } from "effect"
import { AccountScope, BooleanInQuery } from "../AccountScope.ts"
import { BackupFilter } from "../BackupFilter.ts"
import { PageRequest } from "../Page.ts"

/** The query parameters of the list: its filters, its page and its scope (docs/api.md, List). */
export const ListParams = Schema.Struct({ ...BackupFilter.fields, ...PageRequest.fields, ...AccountScope.fields })
export type ListParams = typeof ListParams.Type

const { instanceId: _, ...filtersOfInstance } = BackupFilter.fields

/** The query parameters of the list of an instance. */
export const InstanceListParams = Schema.Struct({ ...filtersOfInstance, ...PageRequest.fields })

/** Accepted, and of no effect: backups do not tell what their instance is part of. */
const including = Schema.optionalWith(BooleanInQuery, { exact: true })

/**
 * The query parameters of the list of instances. `include_clustered` is Trove's; `include_ha` and `include_replicas` are
 * of Rackspace Cloud Databases.
 */
export const InstancesParams = Schema.Struct({
  ...PageRequest.fields,
  includeClustered: including.pipe(Schema.fromKey("include_clustered")),
  includeHa: including.pipe(Schema.fromKey("include_ha")),
  includeReplicas: including.pipe(Schema.fromKey("include_replicas"))
})
