import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Gives a run of tests a temporary folder of its own, which is removed with all that the tests have left in it. */
export default (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "backup-catalog-tests-"))
  // Other users, such as PostgreSQL's, have their folders in it.
  chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
