import { Either } from "effect"
import { assert, describe, it } from "vitest"
import type { Command, Program } from "../src/Command.ts"
import { type Invocation, readArguments } from "../src/readArguments.ts"

const settingFlags = {
  url: { value: "URL", help: "Address of the catalog." },
  account: { value: "ACCOUNT", help: "Account whose backups are meant." },
  token: { value: "TOKEN", secret: true, help: "Token of the account." }
}
const outputFlags = {
  output: { short: "o", value: "FORMAT", help: "How it is written." },
  column: { short: "c", value: "COLUMN", repeatable: true, help: "Only these." },
  "no-header": { help: "Leave out the header." }
}
const list: Command = {
  name: "list",
  summary: "List the backups.",
  flags: {
    ...outputFlags,
    datastore: { value: "NAME", help: "Only of this datastore." },
    instance: { value: "ID", help: "Only of this instance." },
    limit: { value: "N", help: "No more than these." }
  },
  examples: [["backups list", "All of them."]]
}
const show: Command = {
  name: "show",
  summary: "Show one backup.",
  argument: { name: "ID", help: "The id of the backup, as backups list shows it." },
  flags: outputFlags,
  examples: []
}
const deleteBackups: Command = {
  name: "delete",
  summary: "Delete backups.",
  argument: { name: "ID", repeatable: true, help: "The ids of the backups." },
  flags: { yes: { short: "y", help: "Ask nothing." } },
  examples: []
}
const version: Command = { name: "version", summary: "", flags: {}, examples: [] }
const commands: ReadonlyArray<Command> = [list, show, deleteBackups, version]
const program: Program = {
  name: "backups",
  summary: "One list of every backup.",
  flags: settingFlags,
  takesThem: (command) => command !== version
}

const read = (...args: ReadonlyArray<string>): Invocation => Either.getOrThrow(readArguments(program, commands, args))
const refused = (...args: ReadonlyArray<string>): string => {
  const { message, hint } = Either.getOrThrow(Either.flip(readArguments(program, commands, args)))
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
    assert.deepStrictEqual(read("--version"), { kind: "version" })
  })

  it("what is not understood is named, with where to look", () => {
    assert.strictEqual(refused("list", "--bogus"), "The option --bogus is not known. See backups list --help.")
    assert.strictEqual(refused("show", "--bogus"), "The option --bogus is not known. See backups show --help.")
    assert.strictEqual(refused("list", "-x"), "The option -x is not known. See backups list --help.")
    assert.strictEqual(refused("list", "--toString"), "The option --toString is not known. See backups list --help.")
    assert.strictEqual(refused("list", "--no-limit"), "The option --no-limit is not known. See backups list --help.")
    assert.strictEqual(refused("list", "extra"), "list takes no argument, but got extra. See backups list --help.")
    assert.strictEqual(
      refused("show", "a", "b"),
      "show takes one argument, but got b as well. See backups show --help."
    )
    assert.strictEqual(
      refused("lsit"),
      "The command lsit is not known; there are list, show, delete, version. See backups --help."
    )
    assert.strictEqual(
      refused(""),
      'The command "" is not known; there are list, show, delete, version. See backups --help.'
    )
    assert.strictEqual(refused(), "No command is given; there are list, show, delete, version. See backups --help.")
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
      "The argument ID is missing: the id of the backup, as backups list shows it. See backups show --help."
    )
  })
})

const serve: Command = {
  name: "serve",
  summary: "Answer until told to stop.",
  flags: {
    port: { value: "N", variable: "CATALOG_PORT", default: "8779", help: "The port to listen on." },
    "public-url": { value: "URL", variable: "CATALOG_URL", mayBeEmpty: true, help: "What links begin with." },
    replica: { value: "URL", variable: "CATALOG_REPLICAS", repeatable: true, help: "What is also read." },
    demo: { variable: "CATALOG_DEMO", help: "Fill it." }
  },
  examples: []
}
const create: Command = {
  name: "token create",
  summary: "Make a token.",
  flags: {
    account: { value: "ACCOUNT", variable: "CATALOG_ACCOUNT", required: true, help: "The account, such as 1234." }
  },
  examples: []
}
const load: Command = {
  name: "load",
  summary: "Load a file.",
  argument: { name: "FILE", file: true, help: "What is loaded; - for standard input." },
  flags: {},
  examples: []
}
const server: Program = { name: "server", summary: "", flags: {}, takesThem: () => false }

const readServer = (args: ReadonlyArray<string>, variables: Readonly<Record<string, string>> = {}) =>
  Either.mapLeft(readArguments(server, [serve, create, load], args, variables), ({ message, hint }) => [message, hint])

const inputOf = (args: ReadonlyArray<string>, variables?: Readonly<Record<string, string>>) => {
  const invocation = Either.getOrThrow(readServer(args, variables))
  assert(invocation.kind === "run")
  return invocation.input
}

describe("reading settings", () => {
  it("an option goes before its variable, that before the default, each called as it was given", () => {
    const variables = { CATALOG_PORT: "1" }
    assert.deepStrictEqual(inputOf(["serve", "--port", "2"], variables).settings("port"), [
      { name: "--port", value: "2" }
    ])
    assert.deepStrictEqual(inputOf(["serve"], variables).settings("port"), [{ name: "CATALOG_PORT", value: "1" }])
    for (const unset of [{}, { CATALOG_PORT: "" }]) {
      assert.deepStrictEqual(inputOf(["serve"], unset).settings("port"), [{ name: "--port", value: "8779" }])
    }
    assert.deepStrictEqual(inputOf(["serve"]).settings("public-url"), [])
    assert.isFalse(inputOf(["serve"], variables).given("port"))
  })

  it("what may be repeated has its values with spaces between in a variable, and only the options where there are some", () => {
    const variables = { CATALOG_REPLICAS: " a  b " }
    assert.deepStrictEqual(inputOf(["serve"], variables).values("replica"), ["a", "b"])
    assert.deepStrictEqual(inputOf(["serve", "--replica", "c", "--replica=d"], variables).values("replica"), ["c", "d"])
  })

  it("a switch is on, or what its variable says", () => {
    assert.deepStrictEqual(inputOf(["serve", "--demo", "--demo"]).settings("demo"), [{ name: "--demo", value: "true" }])
    assert.deepStrictEqual(inputOf(["serve"], { CATALOG_DEMO: "maybe" }).settings("demo"), [
      { name: "CATALOG_DEMO", value: "maybe" }
    ])
  })

  it("an empty text is a value only where that is said, and takes back the variable", () => {
    for (const args of [["--public-url", ""], ["--public-url="]]) {
      assert.strictEqual(inputOf(["serve", ...args], { CATALOG_URL: "http://a" }).value("public-url"), "")
    }
    assert.deepStrictEqual(readServer(["serve", "--port="]).pipe(Either.flip, Either.getOrThrow), [
      "The option --port is empty; leave it out, or give it a value.",
      "server serve --help"
    ])
  })

  it("a command may have two words, and need an option, which its variable may have", () => {
    assert.strictEqual(inputOf(["token", "create", "--account", "acme"]).value("account"), "acme")
    assert.strictEqual(inputOf(["token", "create"], { CATALOG_ACCOUNT: "acme" }).value("account"), "acme")
    for (const args of [
      ["token", "--help"],
      ["token", "x", "-h"]
    ]) {
      assert.deepStrictEqual(Either.getOrThrow(readServer(args)), { kind: "help", command: undefined })
    }
    for (const [args, message, hint] of [
      [
        ["token", "create"],
        "The option --account is missing. It takes ACCOUNT. The account, such as 1234.",
        "server token create --help"
      ],
      [["token"], "token needs another word: create.", "server --help"],
      [["token", "destroy"], "token needs another word: create.", "server --help"],
      [["create"], "The command create is not known; there are serve, token create, load.", "server --help"]
    ] as const) {
      assert.deepStrictEqual(Either.getOrThrow(Either.flip(readServer(args))), [message, hint])
    }
  })

  it("help is the same as --help", () => {
    const helpOf = (...args: ReadonlyArray<string>) => Either.getOrThrow(readServer(args))
    assert.deepStrictEqual(helpOf("help"), { kind: "help", command: undefined })
    assert.deepStrictEqual(helpOf("help", "token", "create"), helpOf("token", "create", "--help"))
    assert.deepStrictEqual(helpOf("help", "serve"), { kind: "help", command: serve })
    assert.deepStrictEqual(helpOf("help", "--", "serve"), { kind: "help", command: serve })
    assert.deepStrictEqual(helpOf("help", "serve", "--", "x"), { kind: "help", command: serve })
    assert.match(
      Either.getOrThrow(Either.flip(readServer(["help", "bogus"])))[0] ?? "",
      /^The command bogus is not known/
    )
  })

  it("a number below zero is a value, for the command to refuse", () => {
    assert.strictEqual(inputOf(["serve", "--port", "-1"]).value("port"), "-1")
  })

  it("an unknown option may have been meant as a file where a command takes one", () => {
    for (const [arg, shown] of [
      ["--bogus", "--bogus"],
      ["--bogus=secret", "--bogus"],
      ["-x.json", "-x.json"]
    ] as const) {
      assert.deepStrictEqual(
        Either.getOrThrow(Either.flip(readServer(["load", arg])))[0],
        `The option ${shown} is not known; a file whose name begins with - is written ./${shown}.`
      )
    }
    assert.strictEqual(inputOf(["load", "-"]).argument, "-")
    assert.strictEqual(inputOf(["load", "--", "-x.json"]).argument, "-x.json")
  })

  it("what may be an address with a password is not shown", () => {
    for (const args of [
      ["serve", "postgres://a:secret@b/c"],
      ["postgres://a:secret@b/c"],
      ["--store=postgres://a:secret@b/c", "serve"],
      ["--store", "postgres://a:secret@b/c", "serve"],
      ["serve", "--nonsense=postgres://a:secret@b/c"]
    ]) {
      assert.notInclude(Either.getOrThrow(Either.flip(readServer(args))).join(" "), "secret")
    }
  })
})
