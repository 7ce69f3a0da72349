import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, it } from "vitest"

// What Node resolves by itself, since Vitest takes the sources.
const script = `
  const { createClient } = require("@backup-catalog/client")
  const { layer } = require("@backup-catalog/client/effect")
  const { signIn } = require("@backup-catalog/client/keystone")
  console.log(typeof createClient, typeof layer, typeof signIn)
`

it("every entry can be required from CommonJS, as Node 20.20 can do with ESM", () => {
  const said = execFileSync(process.execPath, ["--input-type=commonjs", "-e", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"]
  })
  assert.strictEqual(said, "function function function\n")
})
