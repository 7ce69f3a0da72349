#!/usr/bin/env node
// What becomes dist/main.js: runs the program, which is one file, with what this very Node has compiled of it when it was
// built. Another Node compiles it by itself, and from version 22 on keeps that for the next time.
const { existsSync, readFileSync } = require("node:fs")
const Module = require("node:module")
const { join } = require("node:path")
const { Script } = require("node:vm")

const filename = join(__dirname, "backups.js")
const compiled = join(__dirname, `backups-${process.version}-${process.platform}-${process.arch}.v8`)
if (existsSync(compiled)) {
  const script = new Script(Module.wrap(readFileSync(filename, "latin1")), {
    filename,
    cachedData: readFileSync(compiled)
  })
  module.exports = script
  script.runInThisContext()(exports, require, module, filename, __dirname)
} else {
  Module.enableCompileCache?.()
  require(filename)
}
