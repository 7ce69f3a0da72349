import type { Digests } from "../store/copy/digestStore.ts"
import { formatCount } from "./formatCount.ts"
import { textTable } from "./textTable.ts"

/** What there is in a store, table by table, as it is printed. */
export const digestTable = (digests: Digests): string =>
  textTable(
    [...digests].map(([name, { count, checksum }]) => [name, formatCount(count), checksum]),
    1
  )
