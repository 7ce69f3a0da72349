import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"

/**
 * The version of a program: that of its package, and behind a plus a digest of what is built, which tells builds apart
 * that have no number of their own. The same sources make the same version. `options` gives what esbuild is told when
 * the program has a version; `others` are files that are run as they are, or that tell which packages are.
 */
export const builtVersion = async (version, build, options, others) => {
  const { outputFiles } = await build({ ...options(version), write: false })
  const digest = createHash("sha256")
  // A source map tells where the sources were, and none of it is run.
  const files = outputFiles.filter(({ path }) => path.endsWith(".js")).sort((a, b) => (a.path < b.path ? -1 : 1))
  for (const { path, contents } of files) digest.update(`${basename(path)}\n`).update(contents)
  for (const other of others) digest.update(readFileSync(other))
  return `${version}+${digest.digest("hex").slice(0, 8)}`
}
