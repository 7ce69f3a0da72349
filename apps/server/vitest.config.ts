import { defineConfig } from "vitest/config"
import { sharedConfig } from "../../vitest.shared.ts"
import type { StoreAddress } from "./src/store/StoreAddress.ts"

// What is the same on every store.
const onAll = [
  ...[
    "accounts",
    "coverage",
    "cut",
    "dryRun",
    "history",
    "laws",
    "lines",
    "model",
    "prune",
    "snapshot",
    "sources",
    "together",
    "unreadable"
  ].map((name) => `test/imports/${name}.test.ts`),
  ...["crossAccount", "family", "faults", "list", "writes"].map((name) => `test/http/${name}.test.ts`)
]

const { include = [], globalSetup = [], ...shared } = sharedConfig.test ?? {}

const projects: {
  readonly [Store in StoreAddress["kind"]]: { name: string; include: Array<string>; provide: { store: Store } }
} = {
  sqlite: { name: "server", include, provide: { store: "sqlite" } },
  postgres: { name: "on PostgreSQL", include: onAll, provide: { store: "postgres" } }
}

export default defineConfig({
  ...sharedConfig,
  test: {
    ...shared,
    globalSetup: [globalSetup, "test/support/globalPostgres.ts"].flat(),
    projects: Object.values(projects).map((test) => ({ extends: true as const, test }))
  }
})
