import { assert, describe, it } from "vitest"
import type { Command, Program } from "../src/Command.ts"
import { commandHelp, programHelp } from "../src/help.ts"

const serve: Command<string> = {
  name: "serve",
  summary: "Answer until told to stop.",
  details: "SIGTERM and Ctrl-C do.",
  flags: {
    port: {
      section: "Listening",
      value: "N",
      variable: "CATALOG_PORT",
      default: "8779",
      help: "The port to listen on."
    },
    store: { section: "Store", value: "ADDRESS", required: true, help: "Where the backups are." },
    host: { section: "Listening", value: "ADDRESS", help: "The address to listen on." },
    replica: { section: "Store", value: "URL", variable: "CATALOG_REPLICAS", repeatable: true, help: "A replica." },
    "page-size": { value: "N", otherwise: "1000, or the most there may be", help: "Records in a page." },
    demo: { help: "Fill it." }
  },
  variables: [["CATALOG_TOKEN", "A token."]],
  examples: [["server serve --store a", "On one port."]]
}
const load: Command = {
  name: "token load",
  summary: "Load them.",
  argument: { name: "FILE", repeatable: true, help: "What is loaded." },
  rest: { name: "COMMAND", repeatable: true, help: "What is run." },
  flags: { yes: { short: "y", help: "Ask nothing." } },
  examples: [["server token load a", "One file."]]
}
const program: Program = {
  name: "server",
  summary: "One list of every backup.",
  flags: { url: { section: "Where it is", value: "URL", help: "Its address." } },
  takesThem: (command) => command === load
}

describe("help", () => {
  it("of a command says how it is called, what it takes under which titles, and what else there is", () => {
    assert.strictEqual(
      commandHelp(program, serve, 60),
      `Answer until told to stop. SIGTERM and Ctrl-C do.

Usage:
  server serve --store ADDRESS [OPTION]…

Listening:
  --port N         The port to listen on. [CATALOG_PORT,
                   default: 8779]
  --host ADDRESS   The address to listen on.

Store:
  --store ADDRESS  Where the backups are.
  --replica URL    A replica. May be repeated.
                   [CATALOG_REPLICAS, with spaces between
                   several]

Options:
  --page-size N    Records in a page. [default: 1000, or the
                   most there may be]
  --demo           Fill it.

Variables without an option:
  CATALOG_TOKEN  A token.

Examples:
  server serve --store a
      On one port.
`
    )
    assert.strictEqual(
      commandHelp(program, load),
      `Load them.

Usage:
  server token load FILE… [OPTION]… [-- COMMAND…]

Arguments:
  FILE…     What is loaded.
  COMMAND…  What is run.

Options:
  -y, --yes      Ask nothing.

Where it is:
      --url URL  Its address.

Examples:
  server token load a
      One file.
`
    )
  })

  it("of the program names its commands, and no line is wider than the screen, or 100 columns", () => {
    assert.strictEqual(
      programHelp(program, [serve, load], 50),
      `One list of every backup.

Usage:
  server COMMAND [OPTION]…

Commands:
  serve       Answer until told to stop.
  token load  Load them.

Where it is:
  --url URL  Its address.

server COMMAND --help explains a command; server
--version shows the version.
`
    )
    const long = { ...serve, details: "word ".repeat(100).trim() }
    for (const line of commandHelp(program, long, 300).split("\n")) assert.isAtMost(line.length, 100)
  })
})
