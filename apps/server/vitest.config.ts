import { defineConfig } from "vitest/config"
import { sharedConfig } from "../../vitest.shared.ts"

// What is the same on every store runs on PostgreSQL as well.
const onBoth = [
  ...[
    "accounts",
    "coverage",
    "cut",
    "dryRun",
    "history",
    "lines",
    "model",
    "prune",
    "snapshot",
    "sources",
    "together"
  ].map((name) => `imports/${name}`),
  ...["crossAccount", "family", "faults", "list"].map((name) => `http/${name}`)
]

const { include = [], ...shared } = sharedConfig.test ?? {}

export default defineConfig({
  ...sharedConfig,
  test: {
    ...shared,
    globalSetup: "test/support/globalPostgres.ts",
    projects: [
      { extends: true, test: { name: "server", include, provide: { store: "sqlite" } } },
      {
        extends: true,
        test: {
          name: "on PostgreSQL",
          include: onBoth.map((name) => `test/${name}.test.ts`),
          provide: { store: "postgres" }
        }
      }
    ]
  }
})
