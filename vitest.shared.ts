import { fileURLToPath } from "node:url"
import type { ViteUserConfig } from "vitest/config"

/** What every package's tests share: sources instead of builds, a temporary folder, and a result file that the test command adds up. */
export const sharedConfig: ViteUserConfig = {
  resolve: { conditions: ["@backup-catalog/source"] },
  ssr: { resolve: { conditions: ["@backup-catalog/source"], externalConditions: ["@backup-catalog/source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: [fileURLToPath(new URL("testing/temporaryFolder.ts", import.meta.url))],
    reporters: ["default", "json"],
    outputFile: { json: "test-results.json" },
    allowOnly: false,
    // Vitest leaves one core alone, which is half of a machine of two.
    maxWorkers: "100%",
    // As long as the slowest test takes on a slow machine: only what hangs is ended.
    testTimeout: 180_000,
    hookTimeout: 180_000
  }
}
