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

// Every word that is typed has one thing that it can become.
const typed: ReadonlyArray<readonly [line: string, word: string]> = [
  ["backups li", "list"],
  ["backups --ur", "--url"],
  ["backups --account 1234 li", "list"],
  ["backups --account list sh", "show"],
  ["backups list --st", "--status"],
  ["backups list --status fai", "FAILED"],
  ["backups list --status NEW,fai", "NEW,FAILED"],
  ["backups list -c name,instance", "name,instance_id"],
  ["backups register --status re", "RESTORED"],
  ["backups check --verdict stale,br", "stale,broken-chain"],
  ["backups import --source pgbackrest rest", "restic"],
  ["backups import pgbackrest pl", "plan.json"],
  ["backups import --detect pl", "plan.json"],
  ["backups import --mapping pl", "plan.json"],
  ["backups import --source barman pgb", "pgbackrest"],
  ["backups import --source=barman pgb", "pgbackrest"],
  ["backups import --source barman --merge pgbackrest pl", "plan.json"],
  ["backups completion f", "fish"]
]

// No argument may follow, or another one than these would be.
const untouched: ReadonlyArray<string> = [
  "backups import barman pgb",
  "backups import --source barman pl",
  "backups import pgbackrest plan.json pl",
  "backups completion bash f",
  "backups version li"
]

/** Writes a line after each that is typed, and Tab is pressed behind it. */
const zshTyping = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='> '; autoload -U compinit; compinit -u -D; source zsh; dump() { print -r -- \\"\\$BUFFER\\" >> done; BUFFER= }; zle -N dump; bindkey '^Xd' dump"
for line in "$@"; do zpty -w -n shell "$line"$'\\t\\030d'; done
for n in {1..300}; do
  sleep 0.1
  zpty -r -t shell shown 2> /dev/null
  [[ -e done && $(wc -l < done) -ge $# ]] && break
done
cat done
zpty -d shell`

describe("completion", { concurrent: true }, () => {
  it("fish completes commands, options and values, where there is a fish", async ({ skip }) => {
    const folder = temporaryFolder({ fish: (await backups(["completion", "fish"])).stdout, "plan.json": "" })
    for (const [line, word] of [...typed, ...untouched.map((line) => [line, ""])]) {
      const { error, stdout, stderr } = spawnSync("fish", ["--no-config", "-c", `source fish; complete -C '${line}'`], {
        cwd: folder,
        encoding: "utf8"
      })
      if (error !== undefined) return skip()
      assert.strictEqual(stderr, "")
      assert.deepStrictEqual(
        stdout
          .trimEnd()
          .split("\n")
          .map((offer) => offer.split("\t")[0]),
        [word],
        line
      )
    }
  })

  it("zsh completes commands, options and values, where there is a zsh", async ({ skip }) => {
    const folder = temporaryFolder({
      zsh: (await backups(["completion", "zsh"])).stdout,
      typing: zshTyping,
      "plan.json": ""
    })
    const { error, stdout } = spawnSync("zsh", ["-f", "typing", ...typed.map(([line]) => line), ...untouched], {
      cwd: folder,
      encoding: "utf8"
    })
    if (error !== undefined) return skip()
    assert.deepStrictEqual(
      // A value may follow at once, or another word.
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/[ ,=]$/, "")),
      [...typed.map(([line, word]) => line.replace(/[^ ]*$/, word)), ...untouched]
    )
  })

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
    assert.deepStrictEqual(await offered("backups", "import", "--detect", "pack"), ["package.json"])
    assert.deepStrictEqual(await offered("backups", "import", "pack"), [])
    assert.deepStrictEqual(await offered("backups", "import", "--source", "pgbackrest", "rest"), ["restic"])
    assert.deepStrictEqual(await offered("backups", "import", "--source", "=", "pgbackrest", "rest"), ["restic"])
    assert.deepStrictEqual(await offered("backups", "import", "records", "package.json", "pack"), [])
    assert.deepStrictEqual(await offered("backups", "--account", "list", "sh"), ["show"])
    assert.deepStrictEqual(await offered("backups", "--account", "=", "list", "show", "-c", "data"), [
      "datastore",
      "datastore_version",
      "datastore_version_id"
    ])
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
