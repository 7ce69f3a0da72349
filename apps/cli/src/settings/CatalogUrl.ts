import { Context } from "effect"

/** The address of the catalog that is asked. */
export class CatalogUrl extends Context.Tag("@backup-catalog/cli/CatalogUrl")<CatalogUrl, string>() {}
