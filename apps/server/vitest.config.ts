import { defineConfig } from "vitest/config"
import { sharedConfig } from "../../vitest.shared.ts"
import type { StoreAddress } from "./src/store/StoreAddress.ts"

// What is the same on every store runs on each of these as well.
const others: ReadonlyArray<readonly [kind: StoreAddress["kind"], project: string]> = [["postgres", "on PostgreSQL"]]
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
  ].map((name) => `imports/${name}`),
  ...["crossAccount", "family", "faults", "list", "writes"].map((name) => `http/${name}`)
]

const { include = [], globalSetup = [], ...shared } = sharedConfig.test ?? {}

export default defineConfig({
  ...sharedConfig,
  test: {
    ...shared,
    globalSetup: [globalSetup, "test/support/globalPostgres.ts"].flat(),
    projects: [
      { extends: true, test: { name: "server", include, provide: { store: "sqlite" } } },
      ...others.map(([store, name]) => ({
        extends: true as const,
        test: { name, include: onAll.map((suite) => `test/${suite}.test.ts`), provide: { store } }
      }))
    ]
  }
})
