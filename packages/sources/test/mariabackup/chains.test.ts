import { assert, describe, it } from "vitest"
import type { SourceFile } from "../../src/index.ts"
import { file } from "../support/folders.ts"
import { descriptionOf, flat } from "../support/samples.ts"
import { backupIn, checkpoints, importOf, type Options, random, type Written } from "./support.ts"

const parentsOf = (
  files: ReadonlyArray<SourceFile>,
  options: Options = {}
): Readonly<Record<string, string | undefined>> => {
  const { records } = importOf(files, options)
  const nameOf = new Map(records.map(({ backup, nativeId }) => [nativeId, backup.name]))
  return Object.fromEntries(
    records.map(({ backup, nativeParentId }) => [
      backup.name,
      nativeParentId === undefined ? undefined : (nameOf.get(nativeParentId) ?? `missing ${nativeParentId}`)
    ])
  )
}

describe("chains", () => {
  const full = { uuid: random("1"), to: 100, start: "2026-11-01 01:00:00", command: "--target-dir=/b/full" }

  it("may fork: two increments on one full", () => {
    const on = { from: 100, command: "--target-dir=/b/i --incremental-basedir=/b/full" }
    const files = [
      ...backupIn("full", full),
      ...backupIn("one", { ...on, uuid: random("2"), to: 150, start: "2026-11-02 01:00:00" }),
      ...backupIn("two", { ...on, uuid: random("3"), to: 180, start: "2026-11-03 01:00:00" })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, one: "full", two: "full" })
  })

  it("go by the folder first: two fulls of an idle server end at the same LSN", () => {
    const files = [
      ...backupIn("full", full),
      ...backupIn("later", {
        ...full,
        uuid: random("2"),
        start: "2026-11-02 01:00:00",
        command: "--target-dir=/b/later"
      }),
      ...backupIn("inc", {
        uuid: random("3"),
        from: 100,
        to: 150,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-basedir=/b/full --user=x"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, later: undefined, inc: "full" })
  })

  it("go by the folder as it was called when the backup was made", () => {
    const files = [
      ...backupIn("renamed", { ...full, command: "--target-dir=/b/full" }),
      ...backupIn("later", {
        ...full,
        uuid: random("2"),
        start: "2026-11-02 01:00:00",
        command: "--target-dir=/b/later"
      }),
      ...backupIn("inc", {
        uuid: random("3"),
        from: 100,
        to: 150,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-basedir=/b/full"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { renamed: undefined, later: undefined, inc: "renamed" })
  })

  it("do not go by a folder whose name only ends in the same letters", () => {
    const later = { ...full, uuid: random("2"), start: "2026-11-02 01:00:00", command: "--target-dir=/b/later" }
    const command = "--target-dir=/b/inc --incremental-basedir=/b/notfull"
    const files = [
      ...backupIn("full", full),
      ...backupIn("later", later),
      ...backupIn("inc", { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00", command })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, later: undefined, inc: "later" })
  })

  it("lead to the last one before, of several that were made into the folder", () => {
    const command = "--target-dir=/b/inc --incremental-basedir=/b/full"
    const files = [
      ...backupIn("mon", full),
      ...backupIn("wed", { ...full, uuid: random("2"), start: "2026-11-03 01:00:00" }),
      ...backupIn("inc", { uuid: random("3"), from: 100, to: 150, start: "2026-11-02 01:00:00", command })
    ]
    assert.deepStrictEqual(parentsOf(files), { mon: undefined, wed: undefined, inc: "mon" })
  })

  it("lead over increments in which nothing changed", () => {
    const on = (path: string) => ({ from: 100, command: `--target-dir=/b/x --incremental-basedir=${path}` })
    const files = [
      ...backupIn("full", full),
      ...backupIn("idle", { ...on("/b/full"), to: 100, uuid: random("2"), start: "2026-11-02 01:00:00" }),
      ...backupIn("next", { ...on("/b/idle"), to: 150, uuid: random("3"), start: "2026-11-03 01:00:00" })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, idle: "full", next: "idle" })
  })

  it("take the names of folders as they are, with blanks and signs in them", () => {
    const command = "--backup --target-dir=/b/näch ste --incremental-basedir /b/./mein Ordner = 1// --user=x"
    const files = [
      ...backupIn("mein Ordner = 1", { ...full, command: "--target-dir /b/mein Ordner = 1 --user=x" }),
      ...backupIn("other", {
        ...full,
        uuid: random("2"),
        start: "2026-11-02 01:00:00",
        command: "--target-dir=/b/other"
      }),
      ...backupIn("näch ste", { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00", command })
    ]
    assert.deepStrictEqual(parentsOf(files), {
      "mein Ordner = 1": undefined,
      other: undefined,
      "näch ste": "mein Ordner = 1"
    })
  })

  describe("of innobackupex, which takes the folder to write into behind its options", () => {
    const common = "--defaults-file=/etc/my.cnf --user=root --password=..."
    const first = { uuid: random("1"), to: 100, start: "2019-06-16 05:06:53", command: `${common} /opt/full` }
    const increment = (command: string) => ({
      uuid: random("3"),
      from: 100,
      to: 150,
      start: "2019-06-16 05:11:28",
      command: `${common} --incremental ${command}`
    })
    const basedir = "--incremental-basedir=/opt/full/2019-06-16_05-06-53"
    const commands = [
      `${basedir} /opt/incr`,
      `${basedir} ./`,
      `${basedir} ./incr --parallel=4`,
      `/opt/incr ${basedir}`,
      `/opt/incr ${basedir.replace("=", " ")}`,
      `${basedir.replace("=", " ")} /opt/incr/`
    ]

    it("go by the folder that it names, of two that end at one LSN", () => {
      const layouts: ReadonlyArray<readonly [root: string, options: Options]> = [
        ["", {}],
        ["opt/", {}],
        ["", { pattern: "{instance}/*" }]
      ]
      for (const [root, options] of layouts) {
        for (const command of commands) {
          const files = [
            ...backupIn(`${root}full/2019-06-16_05-06-53`, first),
            ...backupIn(`${root}full/2019-06-16_05-08-00`, {
              ...first,
              uuid: random("2"),
              start: "2019-06-16 05:08:00"
            }),
            ...backupIn(`${root}incr/2019-06-16_05-11-28`, increment(command))
          ]
          const [full, later, increments] = [
            "2019-06-16_05-06-53",
            "2019-06-16_05-08-00",
            "2019-06-16_05-11-28"
          ] as const
          assert.deepStrictEqual(
            parentsOf(files, options),
            { [full]: undefined, [later]: undefined, [increments]: full },
            `${root} ${command}`
          )
        }
      }
    })

    it("name the folder that is not there", () => {
      for (const command of commands) {
        assert.deepStrictEqual(
          parentsOf(backupIn("incr", increment(command))),
          { incr: "missing /opt/full/2019-06-16_05-06-53" },
          command
        )
      }
    })

    it("are of one server, whichever folder that is", () => {
      const parentBetween = (full: string, increments: string) =>
        parentsOf([
          ...backupIn("shop/a", { ...first, command: full }),
          ...backupIn("shop/b", { ...increment(increments), command: increments })
        ]).b
      for (const server of [
        "--port=3306",
        "--port 3306",
        "--host=db",
        "--socket /run/x.sock",
        "--defaults-file=/a b.cnf"
      ]) {
        assert.strictEqual(parentBetween(`${server} /opt/full`, `${server} ./`), "a", server)
      }
      for (const server of ["--port", "--host", "--socket", "--defaults-group"]) {
        assert.strictEqual(parentBetween(`${server}=x full`, `${server}=x incr`), "a", server)
        assert.strictEqual(parentBetween(`${server} x /opt`, `${server} y /opt`), "missing to_lsn 100", server)
      }
      assert.strictEqual(
        parentBetween("--defaults-file=/a b.cnf /opt", "--defaults-file=/a c.cnf /opt"),
        "missing to_lsn 100"
      )
    })
  })

  it("go by the LSN where the folder was renamed, to the last one before", () => {
    const files = [
      ...backupIn("a", { ...full, command: "--target-dir=/b/x" }),
      ...backupIn("b", { ...full, command: "--target-dir=/b/x", uuid: random("2"), start: "2026-11-02 01:00:00" }),
      ...backupIn("c", { ...full, command: "--target-dir=/b/x", uuid: random("3"), start: "2026-11-04 01:00:00" }),
      ...backupIn("inc", {
        uuid: random("4"),
        from: 100,
        to: 100,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-lsn=100"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { a: undefined, b: undefined, c: undefined, inc: "b" })
  })

  it("do not go from one increment to another of the same second and LSN", () => {
    const idle = { from: 100, to: 100, start: "2026-11-02 01:00:00", command: "--incremental-lsn=100" }
    const files = [
      ...backupIn("full", full),
      ...backupIn("one", { ...idle, uuid: random("2") }),
      ...backupIn("two", { ...idle, uuid: random("3") })
    ]
    assert.deepStrictEqual(parentsOf(files), { full: undefined, one: "full", two: "full" })
  })

  it("do not lead from an increment of an idle server to itself, where its parent's folder was called as its own is", () => {
    const command = "--target-dir=/tue/shop --incremental-basedir=/mon/shop"
    const files = backupIn("shop", { from: 100, to: 100, start: "2026-11-03 01:00:00", command })
    assert.deepStrictEqual(parentsOf(files), { shop: "missing /mon/shop" })
    assert.deepStrictEqual(importOf(files).problems, [])
  })

  it("tell backups apart that were made into one folder, by the LSN", () => {
    const files = [
      ...backupIn("mon", { ...full, command: "--target-dir=/b/full" }),
      ...backupIn("tue", {
        ...full,
        command: "--target-dir=/b/full",
        uuid: random("2"),
        to: 200,
        start: "2026-11-02 01:00:00"
      }),
      ...backupIn("inc", {
        uuid: random("3"),
        from: 100,
        to: 300,
        start: "2026-11-03 01:00:00",
        command: "--target-dir=/b/inc --incremental-basedir=/b/full/"
      })
    ]
    assert.deepStrictEqual(parentsOf(files), { mon: undefined, tue: undefined, inc: "mon" })
  })

  it("go by the name in the history of the server, of the same server", () => {
    const inc = {
      uuid: random("4"),
      from: 100,
      start: "2026-11-03 01:00:00",
      command: "--target-dir=/b/inc --incremental-history-name=nightly"
    }
    const named = { ...full, uuid: random("2"), name: "nightly", command: "--target-dir=/b/x --history=nightly" }
    const other = { ...full, uuid: random("3"), start: "2026-11-02 01:00:00", command: "--target-dir=/b/y" }
    const { records } = importOf([
      ...backupIn("a/x", named),
      ...backupIn("a/y", other),
      ...backupIn("b/x", { ...named, uuid: random("5"), start: "2026-11-02 12:00:00" }),
      ...backupIn("a/inc", inc)
    ])
    assert.strictEqual(records.find(({ nativeId }) => nativeId === random("4"))?.nativeParentId, random("2"))
  })

  it("of all tables do not build on a backup of chosen ones by the LSN", () => {
    const inc = { uuid: random("4"), from: 100, start: "2026-11-03 01:00:00" }
    const files = [
      ...backupIn("full", full),
      ...backupIn("part", { ...full, uuid: random("2"), start: "2026-11-02 01:00:00", partial: "Y" })
    ]
    const parentWith = (partial: string) =>
      parentsOf([...files, ...backupIn("inc", { ...inc, partial, command: "--incremental-lsn=100" })]).inc
    assert.deepStrictEqual([parentWith("N"), parentWith("Y")], ["full", "part"])
  })

  it("do not lead to another server that has its backups made into a folder of the same name, at the same LSN", () => {
    const command = {
      full: "--target-dir=/backup/full",
      inc: "--target-dir=/backup/inc --incremental-basedir=/backup/full"
    }
    const inc = { from: 100, start: "2026-11-03 01:00:00", command: command.inc }
    const one = [
      ...backupIn("one/full", { ...full, uuid: random("1"), command: command.full }),
      ...backupIn("one/inc", { ...inc, uuid: random("2") })
    ]
    const two = [
      ...backupIn("two/full", { ...full, uuid: random("3"), start: "2026-11-02 01:00:00", command: command.full }),
      ...backupIn("two/inc", { ...inc, uuid: random("4") })
    ]
    const parents = (files: ReadonlyArray<SourceFile>) =>
      importOf(files).records.flatMap(({ nativeParentId }) => nativeParentId ?? [])
    assert.deepStrictEqual(parents([...one, ...two]), [random("1"), random("3")])
    assert.deepStrictEqual(parents([...one.slice(3), ...two]), ["/backup/full", random("3")])
    // Of no instance, in a folder of the same path, and later.
    const root = backupIn("full", { ...full, uuid: random("5"), start: "2026-11-02 12:00:00" })
    assert.deepStrictEqual(parents([...one, ...root]), [random("1")])
  })

  it("do not lead from one instance to another by the LSN", () => {
    const inc = { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00" }
    const lsn = "--incremental-lsn=100"
    assert.deepStrictEqual(
      parentsOf([...backupIn("shop/full", full), ...backupIn("crm/inc", { ...inc, command: lsn })]),
      { full: undefined, inc: "missing to_lsn 100" }
    )
    assert.deepStrictEqual(
      parentsOf([...backupIn("full", full), ...backupIn("inc", { ...inc, command: `--port=3307 ${lsn}` })]),
      { full: undefined, inc: "missing to_lsn 100" }
    )
    assert.deepStrictEqual(
      parentsOf([...backupIn("shop/full", full), ...backupIn("shop/inc", { ...inc, command: lsn })]),
      {
        full: undefined,
        inc: "full"
      }
    )
  })

  it("hold where the metadata of either cannot be read, so that nothing tells its server", () => {
    const server = { ...full, command: "--target-dir=/b/full --port=3307" }
    const command = "--incremental-lsn=100 --port=3307"
    const inc = { uuid: random("3"), from: 100, to: 150, start: "2026-11-23 19:00:00", command }
    const packed = (files: ReadonlyArray<SourceFile>) =>
      files.map((part) => (part.path.endsWith("_info") ? file(`${part.path}.qp`, "qpress10") : part))
    const early = backupIn("full", { ...server, start: "2026-11-23 01:00:00" })
    assert.deepStrictEqual(parentsOf([...early, ...packed(backupIn("inc", inc))]), { full: undefined, inc: "full" })
    const unread = packed(backupIn("packed", server))
    assert.deepStrictEqual(parentsOf([...unread, ...backupIn("inc", inc)]), { packed: undefined, inc: "packed" })
    // Of the same server for sure, though the other one is later.
    assert.deepStrictEqual(parentsOf([...early, ...unread, ...backupIn("inc", inc)]), {
      full: undefined,
      packed: undefined,
      inc: "full"
    })
  })

  it("keep an increment whose parent is not there, or is another backup by now, with the parent's folder", () => {
    const inc = {
      uuid: random("3"),
      from: 90,
      to: 150,
      start: "2026-11-03 01:00:00",
      command: "--target-dir=/b/inc --incremental-basedir=/b/full"
    }
    const { records, problems } = importOf([...backupIn("full", full), ...backupIn("inc", inc)])
    const [, record] = records
    assert.strictEqual(record?.nativeParentId, "/b/full")
    assert.isNotNull(record && flat(record.backup).parent)
    assert.isFalse(records.some(({ backup }) => backup.id === (record && flat(record.backup).parent)))
    assert.deepStrictEqual(problems, [])
  })

  it("go by the UUID that the command names, there or not", () => {
    const command = `--backup --incremental-history-uuid=${random("1")}`
    const inc = { uuid: random("3"), from: 100, to: 150, start: "2026-11-03 01:00:00", command }
    const whole = importOf([...backupIn("full", full), ...backupIn("inc", inc)]).records
    const alone = importOf(backupIn("inc", inc)).records
    assert.strictEqual(whole[1]?.nativeParentId, random("1"))
    assert.deepStrictEqual(alone[0]?.backup.parentId, whole[1]?.backup.parentId)
    assert.strictEqual(whole[1] && flat(whole[1].backup).parent, whole[0]?.backup.id)
  })

  it("hold after the full was prepared together with its increments, which moves the end in its checkpoints", () => {
    const prepared = backupIn("full", full).map((part) =>
      part.path.endsWith("_checkpoints") ? file(part.path, checkpoints({ to: 150, type: "log-applied" })) : part
    )
    const inc = {
      uuid: random("2"),
      from: 100,
      to: 150,
      start: "2026-11-03 01:00:00",
      command: "--target-dir=/b/inc --incremental-basedir=/b/full"
    }
    assert.deepStrictEqual(parentsOf([...prepared, ...backupIn("inc", inc)]), { full: undefined, inc: "full" })
  })

  describe("of a full one that was prepared with increments, whose metadata is that of the last of them", () => {
    const inc = (n: number, base: string): Written & { readonly to: number } => ({
      uuid: random(String(n + 1)),
      from: 50 + n * 50,
      to: 100 + n * 50,
      start: `2026-11-0${n + 1} 01:00:00`,
      command: `--target-dir=/b/shop/inc${n} --incremental-basedir=/b/shop/${base}`
    })
    const [inc1, inc2, inc3] = [inc(1, "full"), inc(2, "inc1"), inc(3, "inc2")]
    const merged = (path: string, last: Written & { readonly to: number }, type = "log-applied") =>
      backupIn(path, last).map((part) =>
        part.path.endsWith("_checkpoints") ? file(part.path, checkpoints({ to: last.to, type })) : part
      )
    const suspects = (files: ReadonlyArray<SourceFile>) =>
      importOf(files).records.flatMap(({ backup, suspect }) => (suspect === undefined ? [] : [backup.name]))
    const others = [
      ...backupIn("shop/inc1", inc1),
      ...backupIn("shop/inc2", inc2),
      ...backupIn("shop/inc3", inc3),
      ...backupIn("shop/inc4", inc(4, "inc3"))
    ]

    it("that is a full one, wherever it lies, and not the increment", () => {
      const { records, problems } = importOf(merged("shop/full", inc2))
      assert.deepStrictEqual(problems, [])
      assert.deepStrictEqual(
        records.map(({ nativeId, nativeParentId, backup }) => [nativeId, nativeParentId, descriptionOf(backup)]),
        [["shop/full", undefined, `full, prepared with increments; uuid ${random("3")}; in shop/full`]]
      )
      assert.deepStrictEqual(
        records.map(({ backup }) => [flat(backup).created, flat(backup).status]),
        [["2026-11-03T01:00:00.000000Z", "COMPLETED"]]
      )
      const idOf = (files: ReadonlyArray<SourceFile>) => importOf(files).records[0]?.backup.id
      assert.strictEqual(idOf(merged("elsewhere/shop", inc2)), records[0]?.backup.id)
      assert.notStrictEqual(idOf(backupIn("shop/inc2", inc2)), records[0]?.backup.id)
    })

    it("what is in it is on it, and so what is on that, where nothing else is there", () => {
      const files = [
        ...merged("shop/full", inc2),
        ...backupIn("shop/inc1", inc1),
        ...backupIn("shop/inc2", inc2),
        ...backupIn("shop/inc3", inc3)
      ]
      assert.deepStrictEqual(importOf(files).problems, [])
      assert.deepStrictEqual(parentsOf(files), {
        full: undefined,
        inc1: "missing /b/shop/full",
        inc2: "full",
        inc3: "inc2"
      })
      const later = [...merged("shop/full", inc2), ...backupIn("shop/inc3", inc3)]
      assert.deepStrictEqual(parentsOf(later), { full: undefined, inc3: "full" })
    })

    it("takes no more than what is in it once its transactions were rolled back", () => {
      assert.deepStrictEqual(suspects([...merged("shop/full", inc2), ...others]), [])
      assert.deepStrictEqual(suspects([...merged("shop/full", inc2, "full-prepared"), ...others]), ["inc3", "inc4"])
    })

    it("takes none of them where it was prepared before, unless only the log was applied", () => {
      const on = (type: string) => [
        ...backupIn("shop/full", { ...full, type, command: "--target-dir=/b/shop/full" }),
        ...others
      ]
      assert.deepStrictEqual(suspects(on("full-backuped")), [])
      assert.deepStrictEqual(suspects(on("log-applied")), [])
      assert.deepStrictEqual(suspects(on("full-prepared")), ["inc1", "inc2", "inc3", "inc4"])
      const [first, second] = importOf(on("full-prepared")).records
      assert.include(second && descriptionOf(second.backup), second?.suspect ?? "?")
      assert.isUndefined(first?.suspect)
      const copy = backupIn("shop/restored", { ...full, type: "full-prepared", command: "--target-dir=/b/shop/full" })
      assert.deepStrictEqual(suspects([...on("full-backuped"), ...copy]), [])
    })

    it("nothing is on a copy of it that was prepared so, where it is there as it was made", () => {
      const files = [
        ...backupIn("shop/full", { ...full, command: "--target-dir=/b/shop/full" }),
        ...merged("shop/restored", inc2),
        ...backupIn("shop/inc1", inc1),
        ...backupIn("shop/inc2", inc2)
      ]
      assert.deepStrictEqual(importOf(files).problems, [])
      assert.deepStrictEqual(parentsOf(files), { full: undefined, restored: undefined, inc1: "full", inc2: "inc1" })
    })
  })

  it("that bite their own tail are cut, and reported", () => {
    const idle = { from: 100, to: 100, start: "2026-11-03 01:00:00" }
    const files = [
      ...backupIn("a", { ...idle, uuid: random("1"), command: "--target-dir=/b/a --incremental-basedir=/b/b" }),
      ...backupIn("b", { ...idle, uuid: random("2"), command: "--target-dir=/b/b --incremental-basedir=/b/a" })
    ]
    assert.deepStrictEqual(parentsOf(files), { a: "b", b: undefined })
    assert.deepStrictEqual(
      importOf(files).problems.map(({ place }) => place),
      ["b"]
    )
  })

  it("keep LSNs exact that a number would round", () => {
    const command = "--incremental-lsn=9007199254740993"
    const large = (to: string, name: string, uuid: string) =>
      backupIn(name, { ...full, uuid }).map((part) =>
        file(part.path, new TextDecoder().decode(part.head).replaceAll("= 100\n", `= ${to}\n`), { size: part.size })
      )
    const inc = backupIn("inc", { uuid: random("3"), from: 1, to: 2, start: "2026-11-03 01:00:00", command }).map(
      (part) =>
        file(
          part.path,
          new TextDecoder().decode(part.head).replaceAll("from_lsn = 1\n", "from_lsn = 9007199254740993\n")
        )
    )
    const files = [
      ...large("9007199254740992", "near", random("1")),
      ...large("9007199254740993", "exact", random("2")),
      ...inc
    ]
    assert.deepStrictEqual(parentsOf(files), { near: undefined, exact: undefined, inc: "exact" })
  })
})
