import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { postgresVersion } from "../../src/datastores/postgresVersion.ts"
import { messagesOf } from "../../src/reading/complaints.ts"
import {
  descriptionText,
  instanceText,
  locationText,
  nameText,
  plainText,
  toolWords
} from "../../src/records/recordText.ts"

describe("the texts of records", () => {
  it("have no control characters and no halves of characters", () => {
    expect(plainText("a\u0000b\u001b[2J\n\ud800 𝔫")).toBe("a\ufffdb\ufffd[2J\ufffd\ufffd 𝔫")
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Surrogate}]/u)
      })
    )
  })

  it("what a tool says is cut to 500 characters, with an ellipsis and no half of a character", () => {
    expect(toolWords("no\u0000 server")).toBe("no\ufffd server")
    expect(toolWords("\n no\n\tserver\r\nnor  client\n")).toBe("no server nor  client")
    expect(toolWords("x".repeat(500))).toBe("x".repeat(500))
    expect(toolWords("𝔫".repeat(501))).toBe(`${"𝔫".repeat(499)}…`)
  })

  it("a name has 1 to 255 characters, however many units they take", () => {
    expect(nameText("")).toBeUndefined()
    expect(nameText("𝔫".repeat(255))).toBe("𝔫".repeat(255))
    expect(nameText(`${"x".repeat(254)}𝔫y`)).toBe(`${"x".repeat(254)}𝔫`)
  })

  // python3 -c 'import uuid; print(str(uuid.uuid5(uuid.NAMESPACE_URL, "\"" + "x" * 300 + "1\""))[:8])'
  it("instances whose long names begin alike stay two, and short ones are called as they are", () => {
    expect(instanceText("")).toBeUndefined()
    expect(instanceText("x".repeat(255))).toBe("x".repeat(255))
    expect(instanceText("𝔫".repeat(255))).toBe("𝔫".repeat(255))
    expect(instanceText(`${"x".repeat(300)}1`)).toBe(`${"x".repeat(246)}~eeb54a17`)
    expect(instanceText(`${"x".repeat(300)}2`)).toBe(`${"x".repeat(246)}~2fc267c1`)
    expect(instanceText("𝔫".repeat(256))).toBe(`${"𝔫".repeat(246)}~7dd955be`)
  })

  it("locations have no password", () => {
    expect(locationText("sftp://backup:p@ss:word@nas/srv")).toBe("sftp://backup@nas/srv")
    expect(locationText("rest:https://backup:secret@nas:8000/shop")).toBe("rest:https://backup@nas:8000/shop")
    expect(locationText("s3:KEY:SECRET@https://s3.example.net/bucket")).toBe("s3:KEY@https://s3.example.net/bucket")
    for (const location of [
      "ssh://borg@nas:22/./borg::shop@2026-11-23",
      "arn:aws:rds:eu-west-1:123456789012:snapshot:rds:shop-2026",
      "s3://bucket/a:b@c",
      "https://nas:8000/a@b",
      "borg@nas:borg::a",
      "/srv/a:b@c"
    ])
      expect(locationText(location)).toBe(location)
  })

  it("a description is in one line", () => {
    expect(descriptionText("why: a\nb\r\n\tc\u0007  d\u3000e")).toBe("why: a b c\ufffd  d\u3000e")
    expect(nameText("a\nb")).toBe("a\ufffdb")
    expect(instanceText("a\tb")).not.toBe(instanceText("a b"))
    expect(locationText("/srv/a\nb")).toBe("/srv/a\ufffdb")
  })

  it("a description that is too long ends in an ellipsis", () => {
    expect(descriptionText("x".repeat(16_384)) === "x".repeat(16_384)).toBe(true)
    expect(descriptionText("x".repeat(16_385)) === `${"x".repeat(16_383)}…`).toBe(true)
    expect(descriptionText("𝔫".repeat(16_384)) === `${"𝔫".repeat(16_383)}…`).toBe(true)
  })

  it("the messages on stderr go on in lines that are indented, and have no colours", () => {
    expect(messagesOf("\u001b[31mERROR: a\u001b[0m\r\n  HINT: b\n\n  \nWARN: c\n")).toEqual([
      "ERROR: a HINT: b",
      "WARN: c"
    ])
    expect(messagesOf(undefined)).toEqual([])
  })

  it("what ssh, a shell and sudo say on the way to a tool is no message of it", () => {
    const notes = [
      "bash: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)",
      "-bash: line 1: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8): No such file or directory",
      "/bin/bash: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)",
      "sudo: unable to resolve host nas: Name or service not known",
      "Warning: Permanently added 'nas' (ED25519) to the list of known hosts.",
      "** WARNING: connection is not using a post-quantum key exchange algorithm.",
      '** This session may be vulnerable to "store now, decrypt later" attacks.',
      "** The server may need to be upgraded. See https://openssh.com/pq.html"
    ]
    for (const by of ["", "subprocess ssh: ", "Remote: "]) {
      expect(
        messagesOf([...notes, "bash: restic: command not found"].map((note) => `${by}${note}\r\n`).join(""))
      ).toEqual([`${by}bash: restic: command not found`])
    }
  })

  it("PostgreSQL's numbers are its versions", () => {
    expect([150018, 100000, 90624, 90600, 9999, 0].map(postgresVersion)).toEqual([
      "15.18",
      "10.0",
      "9.6.24",
      "9.6.0",
      undefined,
      undefined
    ])
  })
})
