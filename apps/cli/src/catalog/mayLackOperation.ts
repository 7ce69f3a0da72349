import type { CatalogError } from "@backup-catalog/core"

/** Whether an error may well mean that a catalog does not know a question, where what was asked about is there. */
export const mayLackOperation = (error: CatalogError): boolean =>
  error.code === 404 || error.code === 405 || error.code === 501
