import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

// The last one counts: pnpm keeps packages in a node_modules within node_modules.
const folderOf = (file) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)[0]

/** Writes the licenses of the packages that esbuild has put into a program beside it, as they ask for. */
export const writeNotices = ({ inputs }, root, file) => {
  const files = Object.keys(inputs).filter((input) => input.includes("node_modules/"))
  const folders = new Set(files.map((input) => folderOf(resolve(root, input))))
  const notices = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json")))
    const text = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version}: ${license}\n\n${text === undefined ? "" : `${readFileSync(join(folder, text), "utf8").trim()}\n\n`}`
  })
  writeFileSync(file, notices.sort().join("\n"))
}
