import { copyFile, cp } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Home } from "./Home.ts"
import { type Ended, run, systemEnv } from "./run.ts"

const cli = fileURLToPath(new URL("../../apps/cli", import.meta.url))

/** Runs the built program `backups` with variables besides those of Debian's programs. */
export type Backups = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>) => Promise<Ended>

/** Puts the built program and this Node into a home, whose owner need not be let in to where they are. */
export const installBackups = async ({ folder, runner, give }: Home): Promise<Backups> => {
  const node = join(folder, "node")
  const program = join(folder, "backups")
  await copyFile(process.execPath, node)
  await cp(join(cli, "dist"), join(program, "dist"), { recursive: true })
  await copyFile(join(cli, "package.json"), join(program, "package.json"))
  await Promise.all([give(node), give(program)])
  return (env, ...args) =>
    run(node, [join(program, "dist", "main.js"), ...args], { ...systemEnv, HOME: folder, ...env }, runner)
}

/** Runs the built program where it is, as whoever runs the tests. */
export const builtBackups: Backups = (env, ...args) =>
  run(process.execPath, [join(cli, "dist", "main.js"), ...args], { ...systemEnv, ...env })
