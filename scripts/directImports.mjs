import { readFile } from "node:fs/promises"

// A module that is imported through a barrel, as in `import { Schema } from "effect"`, comes with all others: Node
// loads them, and esbuild keeps a namespace whole that the barrel re-exports. `import * as Schema from "effect/Schema"`
// is that module alone: a program half as large, and a client that takes 35 MB less.
const functions = new Set(["pipe", "flow", "identity"])

const statement = /^import \{([^}]*)\} from "(effect|@effect\/(?:platform|platform-node|sql|sql-sqlite-node))"(;?)$/gm

const names = (list) =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))

/** A source with the modules of Effect imported directly, line by line as it was. */
export const direct = (source) =>
  source.replace(
    statement,
    (whole, list, from, end) =>
      names(list)
        .map((name) => {
          const [module, alias = module] = name.split(" as ")
          return functions.has(module)
            ? `import { ${name} } from "${from}/Function"`
            : `import * as ${alias} from "${from}/${module}"`
        })
        .join(";") +
      end +
      "\n".repeat(whole.split("\n").length - 1)
  )

/** An esbuild plugin that imports the modules of Effect directly in our own sources. */
export const directImports = {
  name: "direct-imports",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/](?:packages|apps)[\\/][a-z-]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: direct(await readFile(path, "utf8")),
      loader: "ts"
    }))
}
