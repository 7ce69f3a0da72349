import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { parse as parseYaml } from "yaml"
import { deleteBackups } from "../src/commands/Delete.ts"
import { backups, type Env, ended, inTerminal, main, shell, shown, startInTerminal } from "./support/backups.ts"
import { parseCsv } from "./support/csv.ts"
import { type CatalogServer, record, startCatalog, withServer } from "./support/servers.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

let catalog: CatalogServer
let accounts = 0

beforeAll(async () => {
  catalog = await startCatalog("--page-size", "2", "--max-page-size", "2")
})
afterAll(() => catalog.stop())

const family = [
  record({ id: "full", name: "weekly", instance_id: "db-1", created: "2026-01-01T00:00:00" }),
  record({ id: "inc-1", parent_id: "full", instance_id: "db-1", created: "2026-01-02T00:00:00" }),
  record({ id: "inc-2", parent_id: "inc-1", instance_id: "db-1", created: "2026-01-03T00:00:00" }),
  record({ id: "inc-3", parent_id: "inc-2", instance_id: "db-1", created: "2026-01-04T00:00:00" }),
  record({ id: "other", name: "apart", created: "2026-01-05T00:00:00" }),
  record({ id: "running", status: "BUILDING", created: "2026-01-06T00:00:00" })
]

const fresh = (role?: "reader") => catalog.account(`deleting-${++accounts}`, family, role)

const left = async (env: Env): Promise<ReadonlyArray<string>> =>
  (await backups(["list", "-o", "value", "-c", "id"], env)).stdout
    .split("\n")
    .filter((id) => id !== "")
    .reverse()

const everyone = family.map(({ id }) => id)

/** Runs the program in a terminal, and types the answer once the question is there. */
const answered = async (columns: number, args: ReadonlyArray<string>, env: Env, typed: string) => {
  const child = startInTerminal(columns, args, env)
  const result = ended(child)
  await shown(child, "[y/N] ")
  child.stdin.write(typed)
  const { code, stdout } = await result
  return { code, screen: stdout.replaceAll("\r\n", "\n") }
}

describe("backups delete", { concurrent: true }, () => {
  it("with --yes takes a backup and all its increments, page after page, and says so", async () => {
    const env = await fresh()
    assert.deepStrictEqual(await backups(["delete", "--yes", "full"], env), {
      code: 0,
      signal: null,
      stdout: "deleted full\ndeleted inc-3\ndeleted inc-2\ndeleted inc-1\n",
      stderr: "4 backups deleted from the catalog. Their backup files stay where they are.\n"
    })
    assert.deepStrictEqual(await left(env), ["other", "running"])
  })

  it("takes several, also when one goes with another, or is named twice", async () => {
    const env = await fresh()
    const { code, stdout, stderr } = await backups(["delete", "inc-2", "-y", "other", "inc-3", "inc-2"], env)
    assert.strictEqual(code, 0, stderr)
    assert.strictEqual(stdout, "deleted inc-2\ndeleted inc-3\ndeleted other\n")
    assert.deepStrictEqual(await left(env), ["full", "inc-1", "running"])
  })

  it("with -o writes the records of what was deleted", async () => {
    const env = await fresh()
    const { stdout } = await backups(["delete", "--yes", "inc-3", "other", "-o", "json"], env)
    assert.deepStrictEqual(JSON.parse(stdout), [family[3], family[4]])
  })

  it("--dry-run shows what would go in every form, and deletes nothing", async () => {
    const env = await fresh()
    const dry = async (format: string) => {
      const { code, stdout, stderr } = await backups(["delete", "--dry-run", "inc-1", "other", "-o", format], env)
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "Nothing was deleted: without --dry-run, 4 backups would be.\n")
      return stdout
    }
    const going = [family[1], family[3], family[2], family[4]]
    assert.deepStrictEqual(JSON.parse(await dry("json")), going)
    assert.deepStrictEqual(parseYaml(await dry("yaml")), going)
    assert.deepStrictEqual(
      (await dry("ndjson"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
      going
    )
    assert.strictEqual(parseCsv(await dry("csv")).length, 5)
    assert.strictEqual((await dry("value")).trimEnd().split("\n").length, 4)
    for (const format of ["table", "wide"]) assert.strictEqual((await dry(format)).trimEnd().split("\n").length, 5)
    assert.deepStrictEqual(await left(env), everyone)
  })

  it("takes the ids of a list as its help says, also those with blanks and quotes in them", async () => {
    const odd = ["an id", "it's \\ one"].map((id) => record({ id, created: "2020-01-01T00:00:00" }))
    const env = await catalog.account(`deleting-${++accounts}`, odd)
    const [line = ""] = deleteBackups.examples.map(([line]) => line).filter((line) => line.includes("xargs"))
    const bin = temporaryFolder()
    writeFileSync(join(bin, "backups"), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 })
    const { code, stderr } = await shell(`unset -f backups; PATH='${bin}':$PATH; ${line}`, env)
    assert.deepStrictEqual([code, stderr], [0, "Nothing was deleted: without --dry-run, 2 backups would be.\n"])
  })

  it("without a terminal and --yes deletes nothing, with exit code 2", async () => {
    const env = await fresh()
    const { code, stdout, stderr } = await backups(["delete", "full"], env)
    assert.deepStrictEqual([code, stdout], [2, ""])
    assert.match(stderr, /^backups: Nothing was deleted: there is no terminal to ask in\. Give --yes [^\n]+\n$/)
    assert.deepStrictEqual(await left(env), everyone)
  })

  it("asks in a terminal, shows what goes in 60 columns, and takes nothing but yes for it", async () => {
    const env = await fresh()
    for (const answer of ["\n", "n\n", "yesterday\n", "\u0004"]) {
      const { code, screen } = await answered(60, ["delete", "full"], env, answer)
      assert.strictEqual(code, 1)
      assert.include(screen, "Delete these 4 backups from the catalog? Their backup files stay where they are. [y/N]")
      for (const text of ["weekly", "full", "inc-1", "inc-2", "inc-3"]) assert.include(screen, text)
      assert.match(screen, /Nothing was deleted\.\n$/)
    }
    assert.deepStrictEqual(await left(env), everyone)
    for (const [id, answer] of [
      ["full", "y\n"],
      ["other", " YES \n"]
    ] as const) {
      assert.strictEqual((await answered(60, ["delete", id], env, answer)).code, 0)
    }
    assert.deepStrictEqual(await left(env), ["running"])
  })

  it("deletes nothing when what goes is different once the yes is there, and says what came or changed", async () => {
    const env = await fresh()
    const agreedAfter = async (ids: ReadonlyArray<string>, ...meanwhile: ReadonlyArray<ReadonlyArray<string>>) => {
      const child = startInTerminal(80, ["delete", ...ids], env)
      const result = ended(child)
      await shown(child, "[y/N] ")
      for (const args of meanwhile) {
        const { code, stderr } = await backups(args, env)
        assert.strictEqual(code, 0, stderr)
      }
      child.stdin.write("y\n")
      const { code, stdout } = await result
      assert.strictEqual(code, 1)
      return stdout.replaceAll("\r\n", "\n")
    }
    const rest = ["--instance", "db-1", "--created", "2026-02-01"]
    assert.include(
      await agreedAfter(
        ["inc-2"],
        ["register", "--id", "late", "--name", "n", "--parent", "inc-3", ...rest],
        ["register", "--id", "inc-3", "--name", "renamed", "--parent", "inc-2", "--replace", ...rest]
      ),
      "backups: Nothing was deleted: since you were asked, late came, inc-3 changed; look again.\n"
    )
    assert.sameMembers([...(await left(env))], [...everyone, "late"])
    assert.match(
      await agreedAfter(["other", "inc-1"], ["delete", "--yes", "late"]),
      /since you were asked, late went; look again\.\n$/
    )
    assert.sameMembers([...(await left(env))], everyone)
    assert.match(
      await agreedAfter(["full", "other"], ["delete", "--yes", "other"]),
      /since you were asked, one of them went; look again\. [^\n]+ other\b[^\n]*\n$/
    )
    assert.include(await left(env), "full")
  })

  it("is ended by Ctrl-C at the question, and has deleted nothing", async () => {
    const env = await fresh()
    assert.strictEqual((await answered(80, ["delete", "other"], env, "\u0003")).code, 130)
    assert.deepStrictEqual(await left(env), everyone)
  })

  it("an id that does not exist stops it before anything is deleted", async () => {
    const env = await fresh()
    const { code, stdout } = await backups(["delete", "--yes", "other", "nothing"], env)
    assert.deepStrictEqual([code, stdout], [4, ""])
    assert.deepStrictEqual(await left(env), everyone)
  })

  it("nothing goes, and nobody is asked, where one of those that would go is still being made", async () => {
    const own = [
      record({ id: "late", parent_id: "full", instance_id: "db-1", status: "SAVING", created: "2026-01-07T00:00:00" })
    ]
    const env = await catalog.account(`deleting-${++accounts}`, [...family, ...own])
    const why = "late, which is incremental to full, is still being made.\n"
    const refusal = { code: 1, signal: null, stdout: "", stderr: `backups: Nothing was deleted: ${why}` }
    assert.deepStrictEqual(await backups(["delete", "--yes", "other", "full"], env), refusal)
    assert.deepStrictEqual(await backups(["delete", "--dry-run", "other", "full", "-o", "json"], env), {
      ...refusal,
      stderr: `backups: Nothing would be deleted: ${why}`
    })
    const { code, stdout } = await inTerminal(80, ["delete", "full"], env)
    assert.deepStrictEqual([code, stdout], [1, refusal.stderr])
    const itself = await backups(["delete", "--dry-run", "running"], env)
    assert.strictEqual(itself.stderr, "backups: Nothing would be deleted: running is still being made.\n")
    assert.deepStrictEqual(await left(env), [...everyone, "late"])
  })

  it("the first failure stops it, and says what was deleted and what was not", async () => {
    const refused = { unprocessableEntity: { code: 422, message: "The backup b is still being made." } }
    await withServer(
      ({ url = "", method }, response) => {
        const id = /\/backups\/(\w)/.exec(url)?.[1] ?? ""
        const answer = (status: number, body: object) =>
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
        if (method === "DELETE") return id === "b" ? answer(422, refused) : response.writeHead(202).end()
        if (!url.endsWith("/descendants")) return answer(200, { backup: record({ id }) })
        return answer(200, { backups: id === "c" ? [record({ id: "d" })] : [] })
      },
      async (env) => {
        const { code, stdout, stderr } = await backups(["delete", "--yes", "a", "b", "c"], env)
        assert.deepStrictEqual([code, stdout], [1, "deleted a\n"])
        assert.strictEqual(stderr, "Deleted: a. Not deleted: b c d.\nbackups: The backup b is still being made.\n")
        const alone = await backups(["delete", "--yes", "b"], env)
        assert.match(alone.stderr, /^Nothing was deleted\.\nbackups: /)
      }
    )
  })

  it("whoever closes the pipe does not keep the rest from being deleted; an output that fails stops it", async () => {
    const env = await fresh()
    const closed = await shell("set -o pipefail; backups delete --yes other inc-3 | true", env)
    assert.strictEqual(closed.code, 0, closed.stderr)
    assert.deepStrictEqual(await left(env), ["full", "inc-1", "inc-2", "running"])
    const full = await shell("backups delete --yes inc-2 inc-1 > /dev/full", env)
    assert.strictEqual(full.code, 1)
    assert.match(full.stderr, /^Deleted: inc-1 inc-2\.\nbackups: The output cannot be written: ENOSPC/)
  })

  it("a token that may only read is 3", async () => {
    const env = await fresh("reader")
    const { code, stderr } = await backups(["delete", "--yes", "other"], env)
    assert.strictEqual(code, 3)
    assert.include(stderr, "Nothing was deleted.\n")
  })
})

describe("a catalog in whose answers backups descend from each other", { concurrent: true }, () => {
  /** A server of the backups a and b, with what it says of the descendants of each. */
  const withCircle = <A>(
    descendants: Readonly<Record<string, ReadonlyArray<string>>>,
    use: (env: Env, deleted: ReadonlyArray<string>) => Promise<A>
  ): Promise<A> => {
    const deleted: Array<string> = []
    return withServer(
      ({ url = "", method }, response) => {
        const id = /\/backups\/(\w)/.exec(url)?.[1] ?? ""
        if (method === "DELETE") {
          deleted.push(id)
          response.writeHead(202).end()
          return
        }
        const body = url.endsWith("/descendants")
          ? { backups: descendants[id]?.map((one) => record({ id: one })) }
          : { backup: record({ id }) }
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
      },
      (env) => use(env, deleted)
    )
  }

  it("is asked to delete one that descends from itself all the same", async () => {
    await withCircle({ a: ["b", "a"] }, async (env, deleted) => {
      const { code, stdout, stderr } = await backups(["delete", "--yes", "a"], env)
      assert.deepStrictEqual([code, stdout], [0, "deleted a\ndeleted b\n"], stderr)
      assert.deepStrictEqual(deleted, ["a"])
    })
  })

  it("is asked to delete nothing when none of those that were named would be deleted by itself", async () => {
    await withCircle({ a: ["b"], b: ["a"] }, async (env, deleted) => {
      const { code, stdout, stderr } = await backups(["delete", "--yes", "a", "b"], env)
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /^backups: Nothing was deleted: the catalog says that the backup a descends from itself/)
      assert.deepStrictEqual(deleted, [])
    })
  })
})

describe("a catalog that does not tell of increments", { concurrent: true }, () => {
  /**
   * A server of the family that has records, but no path for their descendants; what is deleted takes its child along.
   */
  const withPlainTrove = <A>(use: (env: Env, there: Set<string>) => Promise<A>): Promise<A> => {
    const there = new Set(["a", "b"])
    return withServer(
      ({ url = "", method }, response) => {
        const id = /\/backups\/(\w)$/.exec(url)?.[1]
        if (id === undefined || !there.has(id)) {
          const fault = { itemNotFound: { code: 404, message: "The resource could not be found." } }
          response.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify(fault))
        } else if (method === "DELETE") {
          there.clear()
          response.writeHead(202).end()
        } else {
          const backup = record({ id, parent_id: id === "b" ? "a" : null })
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ backup }))
        }
      },
      (env) => use(env, there)
    )
  }

  it("is asked to delete only with --yes, and the sentence says why", async () => {
    await withPlainTrove(async (env, there) => {
      const { code, stdout } = await inTerminal(80, ["delete", "a"], env)
      assert.strictEqual(code, 2)
      assert.include(
        stdout.replaceAll("\n", " "),
        "does not tell which backups are incremental to a, and they are deleted"
      )
      assert.include(stdout, "Give --yes")
      assert.strictEqual(there.size, 2)
    })
  })

  it("--dry-run says that there may be more", async () => {
    await withPlainTrove(async (env) => {
      const { code, stderr } = await backups(["delete", "--dry-run", "a"], env)
      assert.strictEqual(code, 0)
      assert.include(stderr, "does not tell which backups are incremental to a")
    })
  })

  it("one that went with another that was named is no failure", async () => {
    await withPlainTrove(async (env, there) => {
      const { code, stdout, stderr } = await backups(["delete", "--yes", "a", "b"], env)
      assert.deepStrictEqual([code, stdout], [0, "deleted a\ndeleted b\n"])
      assert.include(stderr, "and all that are incremental to them")
      assert.strictEqual(there.size, 0)
    })
  })

  it("an answer that does not come leaves it open, and that is what is said", async () => {
    const { code, stderr } = await withServer(
      ({ url = "", method }, response) => {
        if (method === "DELETE") response.destroy()
        else {
          const body = url.endsWith("/descendants") ? { backups: [] } : { backup: record({ id: "a" }) }
          response.setHeader("content-type", "application/json").end(JSON.stringify(body))
        }
      },
      (env) => backups(["delete", "--yes", "a"], env)
    )
    assert.strictEqual(code, 6)
    assert.match(stderr, /^Perhaps deleted: a\.\nbackups: /)
  })
})
