import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { buildCloud, type Cloud } from "./Cloud.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly cloud: Cloud
  }
}

/** Builds the cloud before the first test, and takes it down after the last. */
export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), "catalog-compat-"))
  const remove = () => rm(folder, { recursive: true })
  const [cloud, stop] = await buildCloud(folder)
  provide("cloud", cloud)
  return async () => {
    await stop()
    await remove()
  }
}
