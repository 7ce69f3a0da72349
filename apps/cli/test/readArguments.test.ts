import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import type { Command } from "../src/Command.ts"
import { deleteBackups } from "../src/commands/Delete.ts"
import { list } from "../src/commands/List.ts"
import { show } from "../src/commands/Show.ts"
import { type Invocation, readArguments } from "../src/readArguments.ts"

const version: Command = {
  kind: "local",
  name: "version",
  summary: "",
  flags: {},
  examples: [],
  run: () => Effect.void
}
const commands: ReadonlyArray<Command> = [list, show, deleteBackups, version]

const read = (...args: ReadonlyArray<string>): Invocation => Either.getOrThrow(readArguments(args, commands))
const refused = (...args: ReadonlyArray<string>): string => {
  const { message, hint } = Either.getOrThrow(Either.flip(readArguments(args, commands)))
  return `${message} See ${hint}.`
}

const run = (...args: ReadonlyArray<string>) => {
  const invocation = read(...args)
  assert(invocation.kind === "run")
  return invocation
}

describe("reading the command line", () => {
  it("options come before or after the command, with a space or =, short ones also without", () => {
    for (const args of [
      ["--url", "http://a", "list", "--limit", "5", "-o", "json"],
      ["list", "--url=http://a", "--limit=5", "-ojson"],
      ["--url=http://a", "list", "-o", "json", "--limit", "5"]
    ]) {
      const { command, input } = run(...args)
      assert.strictEqual(command.name, "list")
      assert.deepStrictEqual(
        [input.value("url"), input.value("limit"), input.value("output")],
        ["http://a", "5", "json"]
      )
      assert.isFalse(input.given("no-header"))
    }
  })

  it("repeatable options keep their order", () => {
    assert.deepStrictEqual(run("list", "-c", "id", "--no-header", "--column=age").input.values("column"), ["id", "age"])
  })

  it("values may be named like commands, and like options behind =", () => {
    assert.strictEqual(run("list", "--datastore", "show").input.value("datastore"), "show")
    assert.strictEqual(run("--account", "list", "list").input.value("account"), "list")
    assert.strictEqual(run("list", "--instance=--bogus").input.value("instance"), "--bogus")
  })

  it("an argument behind -- may begin with -", () => {
    assert.strictEqual(run("show", "--", "-b1").input.argument, "-b1")
    assert.strictEqual(run("show", "b1", "-o", "json").input.argument, "b1")
  })

  it("a command that takes several arguments gets them in their order, and not without one", () => {
    const { input } = run("delete", "b1", "--yes", "b2", "--", "-b3")
    assert.deepStrictEqual(input.arguments, ["b1", "b2", "-b3"])
    assert.deepStrictEqual(run("list").input.arguments, [])
    for (const args of [["delete"], ["delete", "b1", ""]])
      assert.include(refused(...args), "The argument ID is missing")
  })

  it("help wins over what else is wrong, and the version needs no command", () => {
    assert.deepStrictEqual(read("--help"), { kind: "help", command: undefined })
    assert.deepStrictEqual(read("-h"), { kind: "help", command: undefined })
    for (const args of [
      ["show", "--help"],
      ["show", "-h"],
      ["show", "--bogus", "a", "b", "--help"]
    ]) {
      const invocation = read(...args)
      assert(invocation.kind === "help")
      assert.strictEqual(invocation.command, show)
    }
    assert.strictEqual(run("--version").command.name, "version")
  })

  it("what is not understood is named, with where to look", () => {
    assert.strictEqual(refused("list", "--bogus"), "The option --bogus is not known. See backups list --help.")
    assert.strictEqual(refused("show", "--bogus"), "The option --bogus is not known. See backups show --help.")
    assert.strictEqual(refused("list", "-x"), "The option -x is not known. See backups list --help.")
    assert.strictEqual(refused("list", "--toString"), "The option --toString is not known. See backups list --help.")
    assert.strictEqual(refused("list", "--no-limit"), "The option --no-limit is not known. See backups list --help.")
    assert.strictEqual(refused("list", "extra"), "The argument extra is one too many. See backups list --help.")
    assert.strictEqual(refused("show", "a", "b"), "The argument b is one too many. See backups show --help.")
    assert.strictEqual(
      refused("lsit"),
      "The command lsit is not known; there are list show delete version. See backups --help."
    )
    assert.strictEqual(
      refused(""),
      'The command "" is not known; there are list show delete version. See backups --help.'
    )
    assert.strictEqual(refused(), "No command is given; there are list show delete version. See backups --help.")
    assert.strictEqual(
      refused("-o", "json", "list"),
      "The option -o is not known. Options of a command come after it. See backups --help."
    )
    assert.strictEqual(refused("version", "--url", "x"), "The option --url is not known. See backups version --help.")
  })

  it("a value that is missing, empty, unwanted or given twice is refused, never guessed", () => {
    assert.strictEqual(refused("list", "--limit"), "The option --limit needs a value: N. See backups list --help.")
    assert.strictEqual(
      refused("list", "--datastore", "--limit", "5"),
      "The option --datastore needs a value; if --limit is meant to be it, write --datastore=--limit. See backups list --help."
    )
    for (const args of [
      ["list", "--token", "-abcSECRET"],
      ["--token", "-abcSECRET", "list"]
    ]) {
      const line = refused(...args)
      assert.include(line, "The option --token needs a value; if what follows is meant to be it, write --token=….")
      assert.notInclude(line, "SECRET")
    }
    assert.strictEqual(
      refused("list", "--datastore", ""),
      "The option --datastore is empty; leave it out, or give it a value. See backups list --help."
    )
    assert.strictEqual(
      refused("list", "--no-header=yes"),
      "The option --no-header takes no value. See backups list --help."
    )
    assert.strictEqual(
      refused("list", "--limit", "1", "--limit", "2"),
      "The option --limit is given twice and takes one value. See backups list --help."
    )
    assert.strictEqual(
      refused("show"),
      "The argument ID is missing: The id of the backup, as backups list shows it. See backups show --help."
    )
  })
})
