// Runs the built program, and keeps what V8 has compiled of it where dist/main.js looks for it: node writeCodeCache.cjs ARGUMENTS…
const { readFileSync, writeFileSync } = require("node:fs")
const Module = require("node:module")
const { join } = require("node:path")
const { Script } = require("node:vm")

const dist = join(__dirname, "dist")
const filename = join(dist, "backups.js")
const script = new Script(Module.wrap(readFileSync(filename, "latin1")), { filename })
process.on("exit", (code) => {
  const name = `backups-${process.version}-${process.platform}-${process.arch}.v8`
  if (code === 0) writeFileSync(join(dist, name), script.createCachedData())
})
script.runInThisContext()(exports, require, module, filename, dist)
