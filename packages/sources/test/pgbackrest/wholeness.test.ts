import { describe, expect, it } from "vitest"
import { pgbackrest } from "../../src/pgbackrest/pgbackrest.ts"
import { inventoryOf, json, refusalOf } from "../support/samples.ts"
import { imported, stanza } from "./outputs.ts"

describe("whether a list of pgBackRest is whole", () => {
  const repository = (key: number, code: number, message = "ok") => ({ cipher: "none", key, status: { code, message } })
  const status = (code: number) => ({ code, lock: { backup: { held: true } }, message: "some" })

  it("a repository that answers otherwise than ok or no backups may hide some", () => {
    for (const code of [1, 3, 6, 99, 1000]) {
      const message = "[FormatError] unable to load info file"
      const { complete, problems, records } = imported(
        stanza({ status: status(4), repo: [repository(1, 0), repository(2, code, message)] })
      )
      expect([complete, records.length]).toEqual([false, 1])
      expect(problems).toEqual([{ place: "main.repo[1].status", message: expect.stringContaining(message) }])
    }
  })

  it("the words of a repository that cannot be read are told in one line", () => {
    // As pgBackRest 2.55 prints it where backup.info and its copy are damaged.
    const message =
      "[FormatError] unable to load info file 'backup.info' or 'backup.info.copy':\nFormatError: missing '=' in key/value at line 25: x\nHINT: has a stanza-create been performed?"
    const { problems } = imported(stanza({ status: status(4), repo: [repository(1, 0), repository(2, 99, message)] }))
    expect(problems[0]?.message).toBe(
      "pgBackRest says of its repository 2: [FormatError] unable to load info file 'backup.info' or 'backup.info.copy': FormatError: missing '=' in key/value at line 25: x HINT: has a stanza-create been performed? (code 99), so backups may be missing"
    )
  })

  it("a repository without backups hides none, and stanzas that differ over repositories as such hide none", () => {
    for (const code of [4, 5]) {
      const { complete, problems } = imported(
        stanza({ status: status(code), repo: [repository(1, 0), repository(2, 2)] })
      )
      expect([complete, problems.length]).toEqual([true, code === 5 ? 1 : 0])
    }
  })

  it("a lock that is held makes no record and hides nothing", () => {
    const { complete, records } = imported(stanza({ status: status(0) }))
    expect([complete, records.length]).toEqual([true, 1])
  })

  it("a stanza's own state counts where there are no repositories, or they tell nothing of it", () => {
    expect(imported(stanza({ repo: [], status: status(3) })).complete).toBe(false)
    expect(imported(stanza({ status: status(99) })).complete).toBe(false)
    expect(imported(stanza({ status: null })).complete).toBe(false)
  })

  it("a repository that is ok and lists nothing was filtered, as --type and --detail-level do", () => {
    const filtered = { complete: false, isPart: true }
    expect(imported(stanza({ backup: [] }))).toMatchObject(filtered)
    expect(imported(stanza({ repo: [repository(1, 0), repository(2, 0)] }))).toMatchObject(filtered)
    expect(imported(stanza({ backup: undefined })).complete).toBe(false)
    expect(imported(stanza({ status: status(4), repo: [repository(1, 0), repository(2, 99)] })).isPart).toBe(undefined)
  })
})

describe("what pgBackRest writes to stderr", () => {
  const answer = json([stanza()])

  it("warnings are none of the list's business", () => {
    for (const stderr of [
      "",
      "WARN: configuration file contains invalid option 'repo1-foo'\n",
      "P00   WARN: environment contains invalid option\n            HINT: look at it\n",
      "2026-11-23 17:50:09.123 P00   INFO: info command begin 2.45\r\n"
    ]) {
      expect(inventoryOf(pgbackrest, answer, { stderr }).records).toHaveLength(1)
    }
  })

  it("errors refuse it, with pgBackRest's own words", () => {
    const stderr =
      "WARN: a\nERROR: [055]: unable to load info file '/backup/shop/backup.info'\n       HINT: is it there?\n"
    expect(refusalOf(pgbackrest, answer, { stderr })).toContain(
      "unable to load info file '/backup/shop/backup.info' HINT: is it there?"
    )
  })
})
