import type { OutputFormat } from "./OutputFormat.ts"
import { listAsTable } from "./table.ts"
import { showVertically } from "./vertical.ts"

/** A table of everything, cut nowhere. */
export const wide: OutputFormat = {
  name: "wide",
  summary: "a table of everything, cut nowhere",
  forPeople: true,
  list: (options) => listAsTable(options.picked ?? options.shape.wide, { ...options, width: undefined }),
  show: showVertically
}
