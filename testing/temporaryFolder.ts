import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"

const PREFIX = "backup-catalog-tests-"

/** Gives a run of tests a temporary folder of its own, which is removed with all that the tests have left in it. */
export default (): void => {
  // Each project of a run sets up what they share.
  if (basename(tmpdir()).startsWith(PREFIX)) return
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  // Other users, such as PostgreSQL's, have their folders in it.
  chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
}
