/** The columns that hold a whole record without nesting: what is written where nothing is picked. */
export const recordColumns = [
  "id",
  "name",
  "description",
  "status",
  "created",
  "updated",
  "size",
  "instance_id",
  "parent_id",
  "locationRef",
  "datastore",
  "datastore_version",
  "datastore_version_id"
] as const
