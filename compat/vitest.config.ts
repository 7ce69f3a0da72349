import { defineConfig, mergeConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { sharedConfig } from "../vitest.shared.ts"

/** In the order of their names; what looks through everything that the run wrote comes last. */
class ByName extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const last = (file: TestSpecification) => file.moduleId.endsWith("secrets.test.ts")
    return files.toSorted((a, b) => Number(last(a)) - Number(last(b)) || (a.moduleId < b.moduleId ? -1 : 1))
  }
}

export default mergeConfig(
  sharedConfig,
  defineConfig({
    test: {
      globalSetup: "support/globalSetup.ts",
      // One Keystone with one worker answers everybody.
      fileParallelism: false,
      sequence: { sequencer: ByName }
    }
  })
)
