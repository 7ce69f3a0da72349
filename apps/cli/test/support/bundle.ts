import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = fileURLToPath(new URL("..", import.meta.url))

/**
 * A program of some lines of TypeScript, which import as if they were in the folder of tests, built as the program is.
 */
export const bundle = async (lines: string) => {
  const folder = mkdtempSync(join(tmpdir(), "backups-bundle-"))
  const { metafile } = await build({
    stdin: { contents: lines, resolveDir: here, loader: "ts" },
    absWorkingDir: here,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@backup-catalog/source"],
    metafile: true,
    logLevel: "silent",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' }
  })
  const entry = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === "<stdin>")?.[0] ?? ""
  return { path: join(folder, "stdin.mjs"), entry, outputs: metafile.outputs }
}

/** The files that are read when a program starts; what it imports as it goes is not among them. */
export const startsWith = ({ entry, outputs }: Awaited<ReturnType<typeof bundle>>): ReadonlyArray<string> => {
  const read = new Set<string>()
  const look = (name: string): void => {
    if (read.has(name)) return
    read.add(name)
    for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === "import-statement") look(path)
  }
  look(entry)
  return [...read].flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}))
}
