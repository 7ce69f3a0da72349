// What Node loads of the entry that gives no Effect away: a few files, with all that they use
// (docs/decisions/0018-client-for-node.md).
import { rmSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { directImports } from "../../scripts/directImports.mjs"
import { writeNotices } from "../../scripts/writeNotices.mjs"

const here = import.meta.dirname
const folder = join(here, "dist/node")

// All copies of Effect in a program share what they hold in `globalValue`, effects of clocks and fibers among it: when
// they are of several versions, each warns of the effects of the other, on stdout and at every request. So this one has
// its own, but for what is in a Redacted, which the program may give as a token.
const ownGlobals = `
const own = new Map()
const shared = (globalThis["effect/GlobalValue"] ??= new Map())
export const globalValue = (id, compute) => {
  const values = id === "effect/Redacted/redactedRegistry" ? shared : own
  if (!values.has(id)) values.set(id, compute())
  return values.get(id)
}`

// So an effect of the program is run by the Effect of the program, or would not find what it was provided with.
const runGiven = `
export const runGiven = async (effect, signal) => (await import("../runPromise.js")).runPromise(effect, signal)`

/** An esbuild plugin that keeps the Effect in the bundle apart from that of the program. */
const apart = {
  name: "apart",
  setup: ({ onLoad, onResolve }) => {
    onLoad({ filter: /[\\/]effect[\\/]dist[\\/]esm[\\/]GlobalValue\.js$/ }, () => ({ contents: ownGlobals }))
    onLoad({ filter: /[\\/]client[\\/]src[\\/]runGiven\.ts$/ }, () => ({ contents: runGiven }))
    onResolve({ filter: /^\.\.\/runPromise\.js$/ }, ({ path }) => ({ path, external: true }))
  }
}

rmSync(folder, { recursive: true, force: true })

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  outdir: "dist/node",
  bundle: true,
  // What is imported when it is needed is a file of its own.
  splitting: true,
  platform: "neutral",
  mainFields: ["module"],
  target: "node20",
  format: "esm",
  conditions: ["@backup-catalog/source"],
  plugins: [apart, directImports],
  // Not its white space: of an error that nothing catches, Node shows the line that threw it.
  minifySyntax: true,
  metafile: true
})
writeNotices(metafile, here, join(folder, "licenses.txt"))
