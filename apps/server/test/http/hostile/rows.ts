import { bodies } from "./bodies.ts"
import { conditions } from "./conditions.ts"
import { framing } from "./framing.ts"
import { headers } from "./headers.ts"
import { hops } from "./hops.ts"
import { imports } from "./imports.ts"
import { methodRows } from "./methods.ts"
import { orders } from "./orders.ts"
import { paths } from "./paths.ts"
import { pipelines } from "./pipelines.ts"
import { queries } from "./queries.ts"
import type { Row } from "./Row.ts"
import { requestLines } from "./requestLines.ts"
import { tokenRows } from "./tokenRows.ts"

/** All hostile requests, by theme. */
export const themes: Readonly<Record<string, ReadonlyArray<Row>>> = {
  "request lines": requestLines,
  headers,
  "where a request ends": framing,
  "the way it came": hops,
  paths,
  methods: methodRows,
  tokens: tokenRows,
  queries,
  conditions,
  bodies,
  "imports and coverage": imports,
  "the order of checks": orders,
  "several requests on one connection": pipelines
}
