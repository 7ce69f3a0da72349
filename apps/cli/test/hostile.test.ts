import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { parse as parseYaml } from "yaml"
import { formats } from "../src/output/formats.ts"
import { displayWidth } from "../src/terminal/displayWidth.ts"
import { escapeText } from "../src/terminal/escapeText.ts"
import { backups, type Env, ended, inTerminal, shown, start, startInTerminal } from "./support/backups.ts"
import { parseCsv } from "./support/csv.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"

/** What somebody may put into a name who wants more from a terminal than to be shown. */
const texts: Readonly<Record<string, string>> = {
  "colours and moves of the cursor": "\u001b[31mred\u001b[2J\u001b[1;1Hhome\u001b[1A",
  "a link that leads elsewhere": "\u001b]8;;http://evil.example\u001b\\safe\u001b]8;;\u001b\\",
  "the clipboard and the title": "\u001b]52;c;cm0gLXJmIH4=\u0007\u001b]0;title\u0007",
  "a device control string": '\u001bP$q"p\u001b\\\u001b_Gi=1\u001b\\',
  "8-bit controls": "\u009b31m\u009d0;title\u009c\u0090q\u0085next",
  "bidi overrides": "a\u202egnp.exe\u202c\u202a\u202b\u202d",
  "bidi isolates and marks": "\u2066a\u2067b\u2068c\u2069\u200e\u200f\u061c",
  "line ends and tabs": "one\ntwo\r\nthree\rfour\u2028five\u2029six\tseven\u000b\u000c",
  "NUL, backspace and delete": "a\u0000b\b\b\bc\u007f",
  "what takes no room": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u3164h\u{e0041}\u{e007f}",
  "a flood of marks": `z${"\u0301\u0489\u20dd".repeat(80)}`,
  "a flood of joiners": `j${"\u200d".repeat(200)}j`,
  "emoji of many parts": "👩‍👩‍👧‍👦 👍🏽 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪 ❤️",
  "nothing but wide characters": "界".repeat(255),
  "what forms take for their own": "a,\"b\";'c'|{d: [e]} # - ? & * ! % @ `\\ \\u001b null ~ yes 0x1F 1e3",
  "a formula": '=HYPERLINK("http://evil.example","x")',
  "a plus": "+cmd|' /C calc'!A0",
  "a minus": "-2+3+cmd|' /C calc'!A0",
  "an at": "@SUM(1+1)*cmd|' /C calc'!A0"
}

const control = /\p{Cc}/gu

/** One record for each text, in every place that takes it; an identifier takes no control characters. */
const hostile = Object.values(texts).map((text, index) => {
  const identifier = [...text.replace(control, "")].slice(0, 255).join("")
  return record({
    id: `${String(99 - index)} ${[...identifier].slice(0, 200).join("")}`,
    name: text,
    description: text,
    instance_id: identifier,
    locationRef: text,
    datastore: { type: identifier, version: text, version_id: text }
  })
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come out
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/
const flood = /\p{M}{9}|\u200d\u200d/u

const assertHarmless = (text: string, what: string): void => {
  assert.notMatch(text, obeyed, what)
  assert.notMatch(text, flood, what)
}

const lines = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

const guarded = (text: string): string => (/^[=+\-@]/.test(text) ? `'${text}` : text)

type Expected = ReadonlyArray<ReturnType<typeof record>>

const namesOf = (expected: Expected) => expected.map(({ name }) => escapeText(name))

const assertTable = (text: string, expected: Expected): void => {
  assert.strictEqual(lines(text).length, expected.length + 1)
  for (const name of namesOf(expected)) assert.include(text, name)
}

/** For each form, that a record is a line where it is one of lines, and that it gives the records back. */
const checks: Readonly<Record<string, (text: string, expected: Expected) => void>> = {
  table: assertTable,
  wide: assertTable,
  json: (text, expected) => assert.deepStrictEqual<unknown>(JSON.parse(text), expected),
  ndjson: (text, expected) =>
    assert.deepStrictEqual<unknown>(
      lines(text).map((line) => JSON.parse(line)),
      expected
    ),
  yaml: (text, expected) => {
    assert.deepStrictEqual(parseYaml(text), expected)
    assert.deepStrictEqual(parseYaml(text, { version: "1.1" }), expected)
  },
  csv: (text, expected) => {
    const [, ...rows] = parseCsv(text)
    assert.strictEqual(lines(text).length, expected.length + 1)
    assert.deepStrictEqual(
      rows.map((cells) => cells[1]),
      namesOf(expected).map(guarded)
    )
  },
  value: (text, expected) =>
    assert.deepStrictEqual(
      lines(text).map((line) => line.split("\t")[1]),
      namesOf(expected)
    )
}

const assertForm = (format: string, text: string, expected: Expected): void => {
  assertHarmless(format === "value" ? text.replaceAll("\t", "") : text, format)
  const check = checks[format]
  assert(check !== undefined, `a check for ${format}`)
  check(text, expected)
}

const formNames = formats.map(({ name }) => name)

let catalog: CatalogServer
let env: Env

beforeAll(async () => {
  catalog = await startCatalog()
  env = await catalog.account("hostile", hostile)
})
afterAll(() => catalog.stop())

const out = async (args: ReadonlyArray<string>, settings: Env = env): Promise<string> => {
  const { code, stdout, stderr } = await backups(args, settings)
  assert.strictEqual(code, 0, stderr)
  for (const line of lines(stderr)) assertHarmless(line, args.join(" "))
  return stdout
}

describe("hostile text", { concurrent: true }, () => {
  for (const format of formNames) {
    it(`in a list as ${format} is harmless, in its place, and whole where a program reads`, async () => {
      assertForm(format, await out(["list", "-o", format]), hostile)
    })

    it(`in what a deletion would take, as ${format}`, async () => {
      const ids = hostile.map(({ id }) => id)
      assertForm(format, await out(["delete", "--dry-run", "-o", format, "--", ...ids]), hostile)
    })

    it(`in what is registered, as ${format}`, async () => {
      const own = await catalog.account(`registered-${format}`, [])
      const child = start(["register", "--from", "-", "-o", format], { ...own })
      child.stdin.end(JSON.stringify(hostile))
      const { code, stdout, stderr } = await ended(child)
      assert.deepStrictEqual([code, stderr], [0, ""])
      assertForm(format, stdout, hostile)
      assert.deepStrictEqual(JSON.parse(await out(["list", "-o", "json"], own)), hostile)
    })
  }

  it("in one record alone, in every form", async () => {
    const [first, ...rest] = hostile
    assert(first !== undefined)
    for (const one of [first, ...rest.filter((_, index) => index % 5 === 0)]) {
      for (const format of formNames) {
        const text = await out(["show", "-o", format, "--", one.id])
        assertHarmless(text.replaceAll("\t", ""), format)
        if (format === "json" || format === "ndjson") assert.deepStrictEqual(JSON.parse(text), one)
        if (format === "yaml") assert.deepStrictEqual(parseYaml(text), one)
        if (format === "table" || format === "wide") assert.strictEqual(lines(text).length, 13)
      }
    }
  })

  it("in a terminal of 60 columns leaves a table a table", async () => {
    const short = hostile.map((one, index) => ({ ...one, id: `id-${String(99 - index)}` }))
    const own = await catalog.account("narrow", short)
    const { stdout } = await inTerminal(60, ["list"], { ...own, NO_COLOR: "1" })
    const table = lines(stdout).filter((line) => !line.startsWith("Not shown"))
    assert.strictEqual(table.length, 2 * (hostile.length + 1))
    for (const line of table) {
      assertHarmless(line, line)
      assert.isAtMost(displayWidth(line), 60, line)
    }
  })

  it("in the question before a deletion", async () => {
    const ids = hostile.map(({ id }) => id)
    const child = startInTerminal(60, ["delete", "--", ...ids], { ...env, NO_COLOR: "1" })
    const result = ended(child)
    await shown(child, "[y/N] ")
    child.stdin.write("n\n")
    const { code, stdout } = await result
    assert.strictEqual(code, 1)
    assertHarmless(stdout.replaceAll("\r\n", "\n"), "the question")
    assert.include(stdout, `Delete these ${hostile.length} backups from the catalog?`)
  })

  it("in what a deletion says, one line a backup", async () => {
    const own = await catalog.account("deleted", hostile)
    const { stdout, stderr, code } = await backups(["delete", "--yes", "--", ...hostile.map(({ id }) => id)], own)
    assert.deepStrictEqual([code, lines(stdout).length, lines(stderr).length], [0, hostile.length, 1])
    assertHarmless(stdout + stderr, "deleted")
  })

  const all = Object.values(texts).join(" ")

  it("in the options and files of who runs it, and in what is said of them", async () => {
    const typed = all.replaceAll("\u0000", "")
    for (const args of [
      [`--${typed}`],
      [typed],
      ["list", `--status=${typed}`],
      ["list", `--since=${typed}`],
      ["show", "--", `x${typed}`],
      ["delete", "--yes", "--", `x${typed.replace(control, "").slice(0, 200)}`],
      ["register", "--from", `/nonexistent/${typed}`]
    ]) {
      const { code, stderr } = await backups(args, env)
      assert.notStrictEqual(code, 0)
      assert.strictEqual(lines(stderr).length, 1, stderr)
      assertHarmless(stderr, args.join(" "))
    }
  })

  it("in the records of a file that are none", async () => {
    const child = start(["register", "--from", "-"], env)
    child.stdin.end(JSON.stringify({ ...record({}), [all]: 1 }))
    const { code, stderr } = await ended(child)
    assert.strictEqual(code, 2)
    assert.strictEqual(lines(stderr).length, 1, stderr)
    assertHarmless(stderr, stderr)
  })

  it("in the faults and answers of a server, which are one line", async () => {
    for (const body of [
      { badRequest: { code: 400, message: all, details: all } },
      { [all]: { code: 400, message: all } },
      { backups: [{ ...record({}), id: all, status: all }] }
    ]) {
      const { code, stderr } = await withServer(
        (_, response) => {
          const status = "backups" in body ? 200 : 400
          response.writeHead(status, { "content-type": "application/json", "x-request-id": "r\u009b31m\u0085" })
          response.end(JSON.stringify(body))
        },
        (settings) => backups(["list"], settings)
      )
      assert.notStrictEqual(code, 0)
      assert.strictEqual(lines(stderr).length, 1, stderr)
      assertHarmless(stderr, stderr)
    }
  })
})
