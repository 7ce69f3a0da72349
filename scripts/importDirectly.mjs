// node scripts/importDirectly.mjs FOLDER: what was compiled into it imports the modules of Effect directly.
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { direct } from "./directImports.mjs"

const [folder] = process.argv.slice(2)
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith(".js")) continue
  const file = join(folder, name)
  const text = direct(readFileSync(file, "utf8"))
  const left = /^.*from "(?:effect|@effect\/[a-z-]+)";?$/m.exec(text)
  if (left !== null) throw new Error(`${file} imports all of a package: ${left[0]}`)
  writeFileSync(file, text)
}
