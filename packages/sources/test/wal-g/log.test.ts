import { describe, expect, it } from "vitest"
import { walG } from "../../src/wal-g/wal-g.ts"
import { inventoryOf, refusalOf } from "../support/samples.ts"
import { entry, FULL, utf8 } from "./outputs.ts"

describe("the log of WAL-G", () => {
  const list = JSON.stringify([entry(FULL)])
  const settings =
    "WARNING: 2025/02/25 10:07:14.844834 WALG_FAILOVER_STORAGES_CACHE_LIFETIME is unknown\n" +
    "WARNING: 2025/02/25 10:07:14.844911 We found that some variables in your config file detected as 'Unknown'. \n" +
    "  If this is not right, please create issue https://github.com/wal-g/wal-g/issues/new\n"

  it("settings that it does not know are none of the list's business, on stderr or before the list", () => {
    expect(inventoryOf(walG, utf8.encode(list), { stderr: settings })).toMatchObject({ complete: true, problems: [] })
    const mixed = utf8.encode(`${settings}INFO: 2025/02/25 10:07:15.000000 List backups\n${list}`)
    expect(inventoryOf(walG, mixed)).toEqual(inventoryOf(walG, utf8.encode(list)))
    expect(walG.detect(mixed)).toBe(true)
    expect(
      inventoryOf(walG, utf8.encode(list), { stderr: 'time=2026-11-23T02:02:59Z level=INFO msg="List"' }).complete
    ).toBe(true)
  })

  it("is understood in each of the forms that it has since its levels are called WARN", () => {
    const forms = [
      (level: string, words: string) => `${level}: 2026/05/06 07:08:09.123456 ${words}`,
      // With the level DEBUG.
      (level: string, words: string) =>
        `${level}: 2026/05/06 07:08:09.123456 ${words}\tsource=/src/wal-g/internal/config/config.go:101`,
      (level: string, words: string) => `time=2026-05-06T07:08:09.123Z level=${level} msg="${words}"`,
      (level: string, words: string) => `{"time":"2026-05-06T07:08:09.123Z","level":"${level}","msg":"${words}"}`
    ]
    for (const form of forms) {
      const unknown = `${form("WARN", "WALG_LOCAL_PREFIX is unknown")}\n${form("INFO", "List backups from storages: [default]")}\n`
      expect(inventoryOf(walG, utf8.encode(list), { stderr: unknown })).toMatchObject({ complete: true, problems: [] })
      const dead = `${unknown}${form("WARN", "storage far away is dead")}\n`
      expect(inventoryOf(walG, utf8.encode(list), { stderr: dead })).toMatchObject({
        complete: false,
        problems: [{ place: "stderr", message: expect.stringContaining("storage far away is dead") }]
      })
      expect(refusalOf(walG, utf8.encode(list), { stderr: form("ERROR", "no such bucket") })).toContain(
        "no such bucket"
      )
      const none = { stderr: form("INFO", "No backups found") }
      expect(inventoryOf(walG, utf8.encode(""), none)).toMatchObject({ records: [], complete: false })
    }
    const mixed = utf8.encode(`${forms[0]?.("WARN", "WALG_LOCAL_PREFIX is unknown")}\n${list}`)
    expect(inventoryOf(walG, mixed)).toMatchObject({ complete: true, problems: [] })
  })

  it("any other warning may mean that backups are missing", () => {
    const stderr = "WARNING: 2025/02/25 10:07:14.844834 storage far away is dead\n"
    const { records, problems, complete } = inventoryOf(walG, utf8.encode(list), { stderr })
    expect([records.length, complete]).toEqual([1, false])
    expect(problems).toEqual([{ place: "stderr", message: expect.stringContaining("storage far away is dead") }])
  })

  it("a list without the usual storage lacks its backups, unless another one was asked for", () => {
    const info = (words: string) => `INFO: 2026/12/01 04:00:00.000000 ${words}\n`
    const listed = info("List backups from storages: [failover_1]")
    const hidden = [
      info("Take all alive storages from file cache: [failover_1 failover_2]"),
      info("Found alive storages: [s3_default]") + listed,
      'time=2026-05-06T07:08:09.123Z level=INFO msg="Found alive storages: [failover_1]"'
    ]
    for (const stderr of hidden) {
      const { complete, problems } = inventoryOf(walG, utf8.encode(list), { stderr })
      expect([complete, problems]).toEqual([
        false,
        [{ place: "stderr", message: expect.stringMatching(/^WAL-G listed only the storages .*without default/) }]
      ])
    }
    const whole = [
      info("Found alive storages: [default failover_1]") + info("List backups from storages: [default failover_1]"),
      // With --target-storage, without checks first.
      listed,
      info("Storage is alive in file cache: failover_1") + listed,
      info("Storage status is outdated in file cache: failover_1") +
        info("Checking for alive again: failover_1") +
        info("Storage is alive: failover_1") +
        listed
    ]
    for (const stderr of whole) {
      expect(inventoryOf(walG, utf8.encode(list), { stderr })).toMatchObject({ complete: true, problems: [] })
    }
  })

  it("errors refuse it, with WAL-G's own words", () => {
    const stderr = `${settings}ERROR: 2020/02/07 19:11:47.445792 object 'metadata.json' not found in storage\n`
    expect(refusalOf(walG, utf8.encode(list), { stderr })).toContain("object 'metadata.json' not found in storage")
  })
})

describe("a list of WAL-G without backups", () => {
  it("is [] or null in the versions that say so", () => {
    for (const empty of ["[]", " null\n"]) {
      expect(inventoryOf(walG, utf8.encode(empty))).toEqual({ records: [], problems: [], complete: true })
    }
  })

  it("is nothing but a message in the others, which say so too where they could not look", () => {
    const said = "INFO: 2021/04/20 09:59:39.514139 No backups found"
    for (const [stdout, stderr] of [
      ["", `${said}\n`],
      [`${said}\n`, ""],
      ["", said.replace("INFO", "ERROR")]
    ]) {
      const { records, complete, problems } = inventoryOf(walG, utf8.encode(stdout), { stderr })
      expect([records, complete, problems.length]).toEqual([[], false, 1])
    }
  })

  it("is refused where nobody said why", () => {
    expect(refusalOf(walG, utf8.encode("\n"))).toContain("Look at its stderr")
  })
})
