import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { backups, shell } from "./support/backups.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

/** What bash offers after some words, the last of which is being typed. */
const offered = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { code, stdout, stderr } = await shell(
    `source <(backups completion bash)
     COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
     set -u; complete -p backups | grep -q _backups || exit 9
     _backups; printf '%s\\n' "\${COMPREPLY[@]}"`
  )
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
  return stdout.split("\n").filter((word) => word !== "")
}

describe("completion", { concurrent: true }, () => {
  it("bash completes commands, options and values", async () => {
    assert.deepStrictEqual(await offered("backups", ""), [
      "list",
      "show",
      "chain",
      "check",
      "register",
      "delete",
      "import",
      "sync",
      "login",
      "logout",
      "version",
      "completion"
    ])
    assert.sameMembers(
      [...(await offered("backups", "-"))],
      ["-h", "--help", "--version", "--url", "--account", "--token", "--os-cloud"]
    )
    assert.deepStrictEqual(await offered("backups", "--ur"), ["--url"])
    assert.deepStrictEqual(await offered("backups", "--account", ""), [])
    assert.deepStrictEqual(await offered("backups", "--account", "1234", "sh"), ["show"])
    assert.deepStrictEqual(await offered("backups", "li"), ["list"])
    assert.deepStrictEqual(await offered("backups", "list", "--st"), ["--status"])
    assert.deepStrictEqual(await offered("backups", "list", "--status", "F"), ["FAILED"])
    assert.deepStrictEqual(await offered("backups", "list", "--status", "=", "D"), ["DELETE_FAILED"])
    assert.deepStrictEqual(await offered("backups", "list", "--status", "failed,D"), ["failed,DELETE_FAILED"])
    assert.deepStrictEqual(await offered("backups", "list", "--status", "fai"), ["failed"])
    assert.deepStrictEqual(await offered("backups", "list", "--status", "NEW,delete_"), ["NEW,delete_failed"])
    assert.deepStrictEqual(await offered("backups", "list", "-c", "id,size,a"), ["id,size,age"])
    assert.deepStrictEqual(await offered("backups", "list", "-c", "locationr"), [])
    assert.deepStrictEqual(await offered("backups", "list", "-o", "n"), ["ndjson"])
    assert.deepStrictEqual(await offered("backups", "list", "-o", "json,n"), [])
    assert.deepStrictEqual(await offered("backups", "list", "--limit", "5", "-o", "js"), ["json"])
    assert.deepStrictEqual(await offered("backups", "show", "-c", "data"), [
      "datastore",
      "datastore_version",
      "datastore_version_id"
    ])
    assert.deepStrictEqual(await offered("backups", "completion", ""), ["bash", "zsh", "fish"])
    assert.deepStrictEqual(await offered("backups", "list", "--datastore", "my"), [])
    assert.deepStrictEqual(await offered("backups", "version", "--"), ["--help"])
    assert.deepStrictEqual(await offered("backups", "delete", "--dr"), ["--dry-run"])
    assert.deepStrictEqual(await offered("backups", "import", "re"), ["redis", "restic", "records"])
    assert.deepStrictEqual(await offered("backups", "import", "--merge", "records", "pack"), ["package.json"])
    assert.deepStrictEqual(await offered("backups", "import", "--mapping", "pack"), ["package.json"])
    assert.deepStrictEqual(await offered("backups", "register", "--status", "RE"), ["RESTORED"])
    assert.deepStrictEqual(await offered("backups", "list", "--all"), ["--all-projects"])
    assert.deepStrictEqual(await offered("backups", "list", "--include", ""), ["retired"])
    assert.deepStrictEqual(await offered("backups", "show", "--hi"), ["--history"])
    assert.deepStrictEqual(await offered("backups", "check", "-o", "p"), ["prometheus"])
    assert.deepStrictEqual(await offered("backups", "check", "--verdict", "stale,br"), ["stale,broken-chain"])
    assert.deepStrictEqual(await offered("backups", "chain", "-c", "rel"), ["relation"])
    assert.deepStrictEqual(await offered("backups", "login", "--k"), ["--keyring"])
    assert.deepStrictEqual(await offered("backups", "register", "--from", "pack"), ["package.json"])
    assert.deepStrictEqual(await offered("backups", "register", "--from", "=", "pack"), ["package.json"])
  })

  for (const name of ["bash", "zsh", "fish"]) {
    it(`${name} knows every command and option${name === "bash" ? "" : ", and where there is one reads the script"}`, async () => {
      const { stdout } = await backups(["completion", name])
      for (const word of [
        "list",
        "show",
        "register",
        "delete",
        "login",
        "completion",
        "datastore",
        "dry-run",
        "os-cloud",
        "since",
        "no-header",
        "token",
        "DELETE_FAILED"
      ]) {
        assert.include(stdout, word)
      }
      // From a file, as shells read them: fish does not read the socket that would be its input.
      const script = join(temporaryFolder({ [name]: stdout }), name)
      const parsed = spawnSync(name, ["-n", script], { encoding: "utf8" })
      if (parsed.error === undefined) assert.deepStrictEqual([parsed.status, parsed.stderr], [0, ""])
    })
  }
})
