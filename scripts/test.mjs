// npm test: installs what is missing, builds, type-checks, lints and runs every test, and says how many there were.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { install, pnpm, root } from "./workspace.mjs"

const hasTests = (folder) => {
  const file = join(folder, "package.json")
  return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).scripts?.test !== undefined
}

const tested = ["packages", "apps"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
  .filter(hasTests)

const resultFiles = () => tested.map((folder) => join(folder, "test-results.json")).filter((file) => existsSync(file))

await install()
for (const file of resultFiles()) rmSync(file)

const lint = await pnpm("lint")

const tasks = await pnpm("exec", "turbo", "run", "build", "typecheck", "check:package", "--continue")
const tests = await pnpm("exec", "turbo", "run", "test", "--continue", "--force", "--only", "--concurrency=1")

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const file of resultFiles()) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
    readFileSync(file, "utf8")
  )
  counts.passed += numPassedTests
  // A file that could not be run at all has no failed test in it.
  counts.failed += numFailedTests === 0 && !success ? 1 : numFailedTests
  counts.skipped += numPendingTests + numTodoTests
}
const complete = resultFiles().length === tested.length
if (!complete) console.error("Not every package ran its tests.")
console.log(
  `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`
)
process.exit([lint, tasks, tests].every((code) => code === 0) && counts.failed === 0 && complete ? 0 : 1)
