import { ItemNotFound } from "@backup-catalog/core"

/** The error of an operation that a catalog may not have, as OpenStack's Trove, whose list can be read all the same. */
export const withoutOperation =
  (lack: string) =>
  <E>(error: E): E | ItemNotFound =>
    error instanceof ItemNotFound
      ? new ItemNotFound({ ...error, message: `The catalog at this address ${lack}; it says: ${error.message}` })
      : error
