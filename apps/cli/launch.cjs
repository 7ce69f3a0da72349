#!/usr/bin/env node
// What becomes dist/main.js: runs the program, which is one file, with what this very Node has compiled of it when it was
// built. Another Node compiles it by itself, and from version 22 on keeps that for the next time.
const { existsSync, lstatSync, mkdirSync, readFileSync } = require("node:fs")
const Module = require("node:module")
const { homedir } = require("node:os")
const { isAbsolute, join } = require("node:path")
const { Script } = require("node:vm")

// What is in it is run: so nobody else may be able to write there, as everybody may where Node would keep it by itself.
const ownFolder = () => {
  try {
    const { XDG_CACHE_HOME: given = "" } = process.env
    const cache = isAbsolute(given) ? given : join(homedir(), ".cache")
    if (!isAbsolute(cache)) return undefined
    const folder = join(cache, "backups")
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
    const found = lstatSync(folder)
    const isOwn = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
    return isOwn ? folder : undefined
  } catch {
    // There is no home, or one that is closed to this user: nothing depends on it.
    return undefined
  }
}

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
  const folder = Module.enableCompileCache && ownFolder()
  if (folder) Module.enableCompileCache(folder)
  require(filename)
}
