import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventually } from "../../../testing/eventually.ts"
import { hasTerminal } from "../src/processes/Subprocess.ts"
import { tokenOfCommand } from "../src/settings/tokenCommand.ts"
import { layer, Screen } from "../src/terminal/Screen.ts"
import {
  backups,
  type Ended,
  type Env,
  ended,
  inTerminal,
  shell,
  shown,
  start,
  startInTerminal
} from "./support/backups.ts"
import { gone } from "./support/gone.ts"
import { cloudsYaml, type Keystone, startKeystone } from "./support/keystone.ts"
import { type CatalogServer, DEMO_TOKEN, record, startCatalog, withServer } from "./support/servers.ts"

let catalog: CatalogServer
let keystone: Keystone

beforeAll(async () => {
  catalog = await startCatalog()
  keystone = await startKeystone("1234", DEMO_TOKEN, catalog.url)
})
afterAll(async () => {
  keystone.close()
  await catalog.stop()
})

/** A home of its own, with the path that the profile has there. */
const home = () => {
  const HOME = mkdtempSync(join(tmpdir(), "backups-login-"))
  const path = join(HOME, ".config/backups/profile.json")
  return {
    env: { HOME },
    path,
    read: () => JSON.parse(readFileSync(path, "utf8")),
    write: (content: object, mode = 0o600) => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify(content))
      chmodSync(path, mode)
    }
  }
}

const modeOf = (path: string): number => statSync(path).mode & 0o777

const fed = (input: string, args: ReadonlyArray<string>, env: Env): Promise<Ended> => {
  const child = start(args, env)
  child.stdin.end(input)
  return ended(child)
}

const where = () => ["--url", catalog.url, "--account", "1234"]

const lists = async (env: Env) =>
  (await backups(["list", "-o", "value", "-c", "id"], env)).stdout.split("\n").length - 1

describe("backups login", { concurrent: true }, () => {
  it("takes the token from a pipe, keeps it for its owner alone, and commands then need nothing else", async () => {
    const { env, path, read } = home()
    const { code, stdout, stderr } = await fed(`${DEMO_TOKEN}\n`, ["login", ...where()], env)
    assert.deepStrictEqual([code, stdout], [0, ""])
    assert.strictEqual(stderr, `Kept in ${path}: the account 1234 at ${catalog.url}.\n`)
    assert.deepStrictEqual(read(), { url: catalog.url, account: "1234", token: DEMO_TOKEN })
    assert.strictEqual(modeOf(path), 0o600)
    assert.strictEqual(modeOf(dirname(path)), 0o700)
    assert.deepStrictEqual(readdirSync(dirname(path)), ["profile.json"])
    assert.strictEqual(await lists(env), 6)
  })

  it("asks for everything in a terminal, shows no token, and offers what is there", async () => {
    const { env, path, read, write } = home()
    write({ url: catalog.url, account: "4321" }, 0o644)
    const child = startInTerminal(60, ["login"], env)
    const result = ended(child)
    await shown(child, `Address of the catalog [${catalog.url}]: `)
    child.stdin.write("\n")
    await shown(child, "Account [4321]: ")
    child.stdin.write("1234\n")
    await shown(child, "Token (not shown): ")
    child.stdin.write(`x\u007f${DEMO_TOKEN}\r`)
    const { code, stdout } = await result
    assert.strictEqual(code, 0, stdout)
    assert.notInclude(stdout, DEMO_TOKEN.slice(0, 4))
    assert.deepStrictEqual(read(), { url: catalog.url, account: "1234", token: DEMO_TOKEN })
    assert.strictEqual(modeOf(path), 0o600)
  })

  it("takes the keys that edit a line for what they are in a token that nobody sees, and no other control character", async () => {
    const { env, read } = home()
    const child = startInTerminal(60, ["login", ...where()], env)
    const result = ended(child)
    await shown(child, "Token (not shown): ")
    child.stdin.write(
      `wrong\u0015wrong too\u0017\u0017\u001a\u001b[A\u001bOB\u001b[[A${DEMO_TOKEN}\u001b[8$\u001a\u0004\t\r`
    )
    const { code, stdout } = await result
    assert.strictEqual(code, 0, stdout)
    assert.strictEqual(read().token, DEMO_TOKEN)
  })

  it("takes keys for what they are also where their bytes come apart", async () => {
    const { env, read } = home()
    const child = startInTerminal(60, ["login", ...where()], env)
    const result = ended(child)
    await shown(child, "Token (not shown): ")
    const [start, end] = [DEMO_TOKEN.slice(0, 3), DEMO_TOKEN.slice(3)]
    for (const bytes of [
      start,
      "\u001b",
      "[A",
      "\u001b[",
      "3",
      "~",
      "\u001bO",
      "B",
      "\u001b[",
      "[",
      "A",
      "\u001b[7",
      "$",
      end,
      "\u001b",
      "\r"
    ]) {
      child.stdin.write(bytes)
      await pause(30)
    }
    const { code, stdout } = await result
    assert.strictEqual(code, 0, stdout)
    assert.strictEqual(read().token, DEMO_TOKEN)
  })

  it("takes Escape for a key of its own once nothing has followed it", async () => {
    const { env, read } = home()
    const child = startInTerminal(60, ["login", ...where(), "--no-check"], env)
    const result = ended(child)
    await shown(child, "Token (not shown): ")
    child.stdin.write("\u001b")
    await pause(1_000)
    child.stdin.write("OAuth-token\r")
    const { code, stdout } = await result
    assert.strictEqual(code, 0, stdout)
    assert.strictEqual(read().token, "OAuth-token")
  })

  it("is ended by Ctrl-C at the token, with the terminal as it was", async () => {
    const { env, path } = home()
    const child = startInTerminal(60, ["login", ...where()], env)
    const result = ended(child)
    await shown(child, "Token (not shown): ")
    child.stdin.write("abc\u0003")
    const { code, stdout } = await result
    assert.strictEqual(code, 130)
    assert.notInclude(stdout, "abc")
    assert.isFalse(existsSync(path))
  })

  it("keeps what else a profile has, and a link to it", async () => {
    const { env, path, read, write } = home()
    write({ theme: { dark: true }, token: "old" })
    const target = join(env.HOME, "elsewhere.json")
    writeFileSync(target, readFileSync(path))
    const linked = { ...env, BACKUPS_PROFILE: join(env.HOME, "link.json") }
    symlinkSync(target, linked.BACKUPS_PROFILE)
    for (const one of [env, linked]) assert.strictEqual((await fed(DEMO_TOKEN, ["login", ...where()], one)).code, 0)
    const expected = { theme: { dark: true }, url: catalog.url, account: "1234", token: DEMO_TOKEN }
    assert.deepStrictEqual(read(), expected)
    assert.deepStrictEqual(JSON.parse(readFileSync(target, "utf8")), expected)
    assert.isTrue(lstatSync(linked.BACKUPS_PROFILE).isSymbolicLink())
  })

  it("keeps nothing that the catalog refuses, unless it is not to be checked", async () => {
    const { env, path, read } = home()
    for (const [args, input, code] of [
      [where(), "wrong-token", 3],
      [["--url", "http://127.0.0.1:9", "--account", "1234"], DEMO_TOKEN, 6],
      [["--url", "localhost", "--account", "1234", "--no-check"], DEMO_TOKEN, 2],
      [["--url", catalog.url, "--account", "a/b"], DEMO_TOKEN, 2],
      [where(), "two words", 2],
      [where(), "", 2],
      [["--account", "1234"], DEMO_TOKEN, 2]
    ] as const) {
      const result = await fed(input, ["login", ...args], env)
      assert.strictEqual(result.code, code, result.stderr)
      assert.match(result.stderr, /^(?:Nothing was kept\.\n)?backups: [^\n]+\n$/)
      assert.isFalse(existsSync(path))
      for (const secret of [DEMO_TOKEN, "wrong-token", "two words"]) assert.notInclude(result.stderr, secret)
    }
    assert.strictEqual((await fed("wrong-token", ["login", ...where(), "--no-check"], env)).code, 0)
    assert.strictEqual(read().token, "wrong-token")
  })

  it("a broken profile is not overwritten, and the sentence says what removes it", async () => {
    const { env, path, write } = home()
    for (const broken of ["{", '{"url":7}', '{"token":"t","keyring":true}']) {
      write({})
      writeFileSync(path, broken)
      for (const [input, args] of [
        [DEMO_TOKEN, ["login", ...where()]],
        ["", ["logout"]]
      ] as const) {
        const { code, stderr } = await fed(input, args, env)
        assert.strictEqual(code, 2)
        assert.match(
          stderr,
          /^backups: The profile \S+ cannot be used: [^\n]+; repair it, or have backups logout --all remove it\./
        )
        assert.strictEqual(readFileSync(path, "utf8"), broken)
      }
      assert.strictEqual((await backups(["logout", "--all"], env)).code, 0)
      assert.isFalse(existsSync(path))
      assert.strictEqual((await fed(DEMO_TOKEN, ["login", ...where()], env)).code, 0)
    }
  })

  it("is read from a profile that was saved with a byte order mark", async () => {
    const { env, path, write } = home()
    write({})
    writeFileSync(path, `\ufeff${JSON.stringify({ url: catalog.url, account: "1234", token: DEMO_TOKEN })}`)
    assert.strictEqual(await lists(env), 6)
  })

  it("repairs a profile with a command that others may write", async () => {
    const { env, path, read, write } = home()
    write({ url: catalog.url, account: "1234", tokenCommand: "false" }, 0o622)
    assert.strictEqual((await fed(DEMO_TOKEN, ["login", ...where()], env)).code, 0)
    assert.deepStrictEqual(read(), { url: catalog.url, account: "1234", token: DEMO_TOKEN })
    assert.strictEqual(modeOf(path), 0o600)
  })

  it("a link to a file that is not there yet stays a link, and the file is made", async () => {
    const { env } = home()
    mkdirSync(join(env.HOME, "links"))
    const linked = { ...env, BACKUPS_PROFILE: join(env.HOME, "links/first.json") }
    symlinkSync("second.json", linked.BACKUPS_PROFILE)
    symlinkSync("../files/profile.json", join(env.HOME, "links/second.json"))
    const { code, stderr } = await fed(DEMO_TOKEN, ["login", ...where()], linked)
    assert.strictEqual(code, 0, stderr)
    for (const name of ["first.json", "second.json"]) {
      assert.isTrue(lstatSync(join(env.HOME, "links", name)).isSymbolicLink())
    }
    assert.strictEqual(JSON.parse(readFileSync(join(env.HOME, "files/profile.json"), "utf8")).token, DEMO_TOKEN)
  })

  it("leaves the profile as it was where the new one can only be written in part", async () => {
    const { env, path, read, write } = home()
    write({ url: catalog.url, account: "1234", token: "before" })
    const long = "t".repeat(4000)
    const { code, stderr } = await shell(
      // Above so many blocks a write takes a part, as on a disk that is full.
      `ulimit -f 1; printf %s ${long} | backups login --url ${catalog.url} --account 1234 --no-check`,
      env
    )
    assert.strictEqual(code, 2)
    assert.match(stderr, /^backups: The profile \S+ cannot be written: EFBIG[^\n]+\n$/)
    assert.strictEqual(read().token, "before")
    assert.deepStrictEqual(readdirSync(dirname(path)), ["profile.json"])
  })

  it("ends where a folder of the system takes none, as /proc", async () => {
    const child = start(["login", ...where(), "--no-check"], { XDG_CONFIG_HOME: "/proc/home/config" })
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000)
    child.stdin.end("t")
    const { code, stderr } = await ended(child)
    clearTimeout(late)
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /^backups: The profile \/proc\/home\/config\/backups\/profile.json cannot be written: ENOENT[^\n]+\n$/
    )
  })

  it("makes all folders of a path, also where one leads back to another", async () => {
    const { env } = home()
    const XDG_CONFIG_HOME = `${env.HOME}/none/../config`
    const { code, stderr } = await fed("t", ["login", ...where(), "--no-check"], { ...env, XDG_CONFIG_HOME })
    assert.deepStrictEqual([code, stderr.includes("cannot be written")], [0, false])
    assert.isTrue(existsSync(join(env.HOME, "config/backups/profile.json")))
  })

  it("warns of variables that count before the profile", async () => {
    const { env } = home()
    const { stderr } = await fed(DEMO_TOKEN, ["login", ...where()], { ...env, BACKUPS_TOKEN: "x" })
    assert.include(stderr, "backups: warning: BACKUPS_TOKEN of the environment counts before the profile.\n")
  })

  it("a token is no option of it", async () => {
    const { code, stderr } = await backups(["login", ...where(), "--token", DEMO_TOKEN], home().env)
    assert.strictEqual(code, 2)
    assert.include(stderr, "The option --token is not known.")
    assert.notInclude(stderr, DEMO_TOKEN)
  })

  it("--os-cloud keeps the name of the cloud and nothing else", async () => {
    const { env, read, write } = home()
    write({ url: "http://127.0.0.1:9", account: "old", token: "old" })
    mkdirSync(join(env.HOME, ".config/openstack"))
    writeFileSync(join(env.HOME, ".config/openstack/clouds.yaml"), cloudsYaml(keystone.url))
    assert.strictEqual((await backups(["login", "--os-cloud", "wrong"], env)).code, 3)
    assert.strictEqual(read().account, "old")
    const { code, stderr } = await backups(["login", "--os-cloud", "shop"], env)
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(read(), { cloud: "shop" })
    assert.strictEqual(await lists(env), 6)
    assert.strictEqual((await backups(["login", "--os-cloud", "shop", "--url", "http://a"], env)).code, 2)
  })
})

const screen = Effect.runSync(Effect.provide(Screen, layer(process)))

/** Why no token comes from a command. */
const refusal = async (command: string, limitMs: number): Promise<string> => {
  const { message } = await Effect.runPromise(
    Effect.provideService(Effect.flip(tokenOfCommand(command, "here", limitMs)), Screen, screen)
  )
  return message
}

describe("a token from a command", { concurrent: true }, () => {
  it("is asked for whenever it is needed, and is its first line", async () => {
    const { env, read } = home()
    const store = join(env.HOME, "store")
    writeFileSync(store, `${DEMO_TOKEN}\nurl: other\n`)
    const command = `cat '${store}'; echo asked >&2`
    const { code, stderr } = await backups(["login", ...where(), "--token-command", command], env)
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(read(), { url: catalog.url, account: "1234", tokenCommand: command })
    const list = await backups(["list", "-o", "value", "-c", "id"], env)
    assert.deepStrictEqual([list.code, list.stderr], [0, "asked\n"])
    assert.strictEqual((await backups(["list"], { ...env, BACKUPS_TOKEN: DEMO_TOKEN })).stderr, "")
    writeFileSync(store, "revoked\n")
    assert.strictEqual((await backups(["list"], env)).code, 3)
  })

  it("one that fails is one sentence without its output", async () => {
    const { env, path, write } = home()
    for (const [tokenCommand, why] of [
      ["echo secret; exit 7", "ended with 7"],
      ["true", "wrote no token as its first line"],
      ["kill -9 $$", "was ended by SIGKILL"],
      ["yes secret | head -c 100000", "wrote more than 65536 bytes"]
    ] as const) {
      write({ url: catalog.url, account: "1234", tokenCommand })
      const { code, stderr } = await backups(["list"], env)
      assert.strictEqual(code, 2)
      assert.match(stderr, /^backups: The command for the token from [^\n]+\n$/)
      assert.include(stderr, `${path} ${why}`)
      assert.notInclude(stderr, "secret")
    }
  })

  it("one that does not end is not waited for", async () => {
    assert.strictEqual(
      await refusal("sleep 600 & sleep 600", 50),
      "The command for the token from here did not end within 0.05 seconds; run it by itself to see why."
    )
  })

  it("one whose output is held by what it has started is told apart from one that does not end", async () => {
    assert.strictEqual(
      await refusal("sleep 5 & echo token", 1_000),
      "The command for the token from here ended with 0, but something that it started still holds its output, which may therefore not be whole; start that with its output elsewhere, as with >/dev/null."
    )
  })

  it.skipIf(hasTerminal())("ends with all that it has started when the program is ended meanwhile", async () => {
    const { env, write } = home()
    const started = join(env.HOME, "started")
    write({
      url: catalog.url,
      account: "1234",
      tokenCommand: `sleep 600 & echo $! > '${started}.new'; mv '${started}.new' '${started}'; wait`
    })
    const child = start(["check", "-o", "nagios"], env)
    const result = ended(child)
    await eventually("the command has started another", () => existsSync(started))
    child.kill("SIGTERM")
    assert.deepStrictEqual(await result, { code: null, signal: "SIGTERM", stdout: "", stderr: "" })
    await gone(Number(readFileSync(started, "utf8")))
  })

  it("holds nobody up by what it leaves behind", async () => {
    const { env, write } = home()
    const left = join(env.HOME, "left")
    const tokenCommand = `sleep 600 > '${left}.out' & echo $! > '${left}'; echo asked >&2; echo ${DEMO_TOKEN}`
    write({ url: catalog.url, account: "1234", tokenCommand })
    const { code, stderr } = await backups(["list"], env)
    assert.deepStrictEqual([code, stderr], [0, "asked\n"])
    // Still there, so it was not its end that was waited for.
    process.kill(Number(readFileSync(left, "utf8")), "SIGKILL")
  })

  it("may ask at the terminal, and be told there to end", async () => {
    const { env, write } = home()
    const ask = "stty -echo < /dev/tty; printf 'Password: ' > /dev/tty; read -r it < /dev/tty; stty echo < /dev/tty"
    write({ url: catalog.url, account: "1234", tokenCommand: `${ask}; echo said >&2; echo "$it"` })
    const asked = async (typed: string) => {
      const child = startInTerminal(80, ["list", "-o", "value", "-c", "id", "--limit", "1"], env)
      const result = ended(child)
      await shown(child, "Password: ")
      child.stdin.write(typed)
      return result
    }
    const { code, stdout } = await asked(`${DEMO_TOKEN}\n`)
    assert.strictEqual(code, 0, stdout)
    assert.match(stdout, /said\r\n[\da-f-]{36}\r\n/)
    assert.notInclude(stdout, DEMO_TOKEN)
    assert.strictEqual((await asked("\u0003")).code, 130)
  })

  it("is not run from a profile that others may write", async () => {
    const { env, write } = home()
    write({ url: catalog.url, account: "1234", tokenCommand: `echo ${DEMO_TOKEN}` }, 0o620)
    const { code, stderr } = await backups(["list"], env)
    assert.strictEqual(code, 2)
    assert.include(stderr, "it names a command, and others may write it; chmod 600 closes it to them")
  })

  it("a profile that does not say where the catalog is, is told so before the command is run", async () => {
    const { env, write } = home()
    write({ tokenCommand: "echo ran >&2" })
    const { code, stderr } = await backups(["list"], env)
    assert.strictEqual(code, 2)
    assert.match(stderr, /^backups: Missing: url and account\. /)
  })
})

/** secret-tool as far as it is used here, over a folder: its own needs a desktop. */
const secretTool = `#!/bin/sh
command=$1; shift
[ "$command" = store ] && { [ "$1" = --label ] || exit 2; shift 2; }
entry="$SECRETS/$(printf '%s' "$*" | cksum | cut -d' ' -f1)"
case $command in
  store) cat > "$entry" ;;
  lookup) [ -f "$entry" ] && cat "$entry" ;;
  clear) [ -f "$entry" ] && rm "$entry" ;;
  *) exit 2 ;;
esac
`

describe("a token in the keyring", { concurrent: true }, () => {
  const withKeyring = () => {
    const { env, ...rest } = home()
    const [bin, secrets] = [join(env.HOME, "bin"), join(env.HOME, "secrets")]
    for (const folder of [bin, secrets]) mkdirSync(folder)
    writeFileSync(join(bin, "secret-tool"), secretTool, { mode: 0o755 })
    const keyed = { ...env, SECRETS: secrets, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` }
    return { env: keyed, secrets: () => readdirSync(secrets).length, ...rest }
  }

  it("is nowhere in the profile, is found again, and is gone after a logout", async () => {
    const { env, read, secrets } = withKeyring()
    const { code, stderr } = await fed(DEMO_TOKEN, ["login", ...where(), "--keyring"], env)
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(read(), { url: catalog.url, account: "1234", keyring: true })
    assert.strictEqual(await lists(env), 6)
    assert.strictEqual((await backups(["logout"], env)).code, 0)
    assert.strictEqual(secrets(), 0)
    assert.deepStrictEqual(read(), { url: catalog.url, account: "1234" })
  })

  it("goes when another kind of login takes its place, and what is not there is one sentence", async () => {
    const { env, write, secrets } = withKeyring()
    await fed(DEMO_TOKEN, ["login", ...where(), "--keyring"], env)
    await fed(DEMO_TOKEN, ["login", ...where()], env)
    assert.strictEqual(secrets(), 0)
    write({ url: catalog.url, account: "1234", keyring: true })
    const { code, stderr } = await backups(["list"], env)
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /^backups: The keyring gave no token of the account 1234 at [^\n]+ backups login --keyring stores one: secret-tool ended with 1\.[^\n]*\n$/
    )
    assert.strictEqual((await backups(["logout"], env)).code, 0)
  })

  it("stays when the same login is done again, and goes when another account takes its place", async () => {
    const { env, secrets } = withKeyring()
    const other = await catalog.account("keyring", [record({})])
    for (const _ of ["first", "second"]) {
      assert.strictEqual((await fed(DEMO_TOKEN, ["login", ...where(), "--keyring"], env)).code, 0)
      assert.deepStrictEqual([secrets(), await lists(env)], [1, 6])
    }
    const args = ["--url", catalog.url, "--account", "keyring", "--keyring"]
    assert.strictEqual((await fed(other.BACKUPS_TOKEN ?? "", ["login", ...args], env)).code, 0)
    assert.deepStrictEqual([secrets(), await lists(env)], [1, 1])
  })

  it("is that without the line break that may be behind it", async () => {
    const { env } = withKeyring()
    await fed(DEMO_TOKEN, ["login", ...where(), "--keyring"], env)
    for (const name of readdirSync(env.SECRETS)) appendFileSync(join(env.SECRETS, name), "\n")
    assert.strictEqual(await lists(env), 6)
  })

  it("without secret-tool is one sentence that says what to install, and nothing is kept", async () => {
    const { env, path } = home()
    const bin = join(env.HOME, "bin")
    mkdirSync(bin)
    const { code, stderr } = await fed(DEMO_TOKEN, ["login", ...where(), "--keyring"], { ...env, PATH: bin })
    assert.strictEqual(code, 2)
    assert.match(stderr, /^backups: The keyring needs the program secret-tool[^\n]+install libsecret-tools[^\n]+\n$/)
    assert.isFalse(existsSync(path))
  })
})

describe("the token of a profile", { concurrent: true }, () => {
  it("goes only to the address of the profile, unless --url insists", async () => {
    const { env, path, write } = home()
    const asked: Array<unknown> = []
    await withServer(
      ({ headers }, response) => {
        asked.push(headers["x-auth-token"])
        response.setHeader("content-type", "application/json").end('{"backups":[]}')
      },
      async ({ BACKUPS_URL = "" }) => {
        for (const token of [{ token: DEMO_TOKEN }, { tokenCommand: `echo ${DEMO_TOKEN}` }, { keyring: true }]) {
          write({ url: catalog.url, account: "1234", ...token })
          const { code, stderr } = await backups(["list"], { ...env, BACKUPS_URL })
          assert.strictEqual(code, 2)
          assert.include(
            stderr,
            `backups: The url from BACKUPS_URL is ${BACKUPS_URL}, and the token of the profile ${path} is for ${catalog.url}; ` +
              "give --token or BACKUPS_TOKEN, or --url to insist."
          )
        }
        assert.deepStrictEqual(asked, [])
        write({ url: catalog.url, account: "1234", token: DEMO_TOKEN })
        assert.strictEqual((await backups(["list", "--url", BACKUPS_URL], env)).code, 0)
        assert.strictEqual((await backups(["list"], { ...env, BACKUPS_URL, BACKUPS_TOKEN: "own" })).code, 0)
        assert.deepStrictEqual(asked, [DEMO_TOKEN, "own"])
        assert.strictEqual(await lists({ ...env, BACKUPS_URL: `${catalog.url}/` }), 6)
      }
    )
  })
})

describe("backups logout", { concurrent: true }, () => {
  it("forgets the token however it is kept, and keeps the rest", async () => {
    const { env, path, read, write } = home()
    for (const token of [{ token: "t" }, { tokenCommand: "false" }]) {
      write({ url: "http://a", account: "1", theme: "dark", ...token }, 0o644)
      const { code, stderr } = await backups(["logout"], env)
      assert.deepStrictEqual([code, stderr], [0, `Forgotten: the token in ${path}.\n`])
      assert.deepStrictEqual(read(), { url: "http://a", account: "1", theme: "dark" })
      assert.strictEqual(modeOf(path), 0o600)
    }
    assert.strictEqual((await backups(["logout"], env)).stderr, `There is no token in ${path}.\n`)
  })

  it("--all removes the profile, and is content where there is none", async () => {
    const { env, path, write } = home()
    write({ cloud: "shop" })
    for (const said of [`Removed: ${path}.\n`, `There is no profile ${path}.\n`]) {
      const { code, stderr } = await backups(["logout", "--all"], env)
      assert.deepStrictEqual([code, stderr], [0, said])
      assert.isFalse(existsSync(path))
    }
  })

  it("--all removes what a link leads to as well, but nothing that is no file", async () => {
    const { env } = home()
    const [target, first, second] = ["target.json", "first.json", "second.json"].map((name) => join(env.HOME, name))
    if (target === undefined || first === undefined || second === undefined) throw new Error("There are three names.")
    writeFileSync(target, JSON.stringify({ url: "http://a", account: "1", token: "t" }))
    symlinkSync(target, first)
    assert.strictEqual((await backups(["logout", "--all"], { ...env, BACKUPS_PROFILE: first })).code, 0)
    assert.deepStrictEqual([lstatSync(first, { throwIfNoEntry: false }), existsSync(target)], [undefined, false])

    mkdirSync(target)
    symlinkSync(target, second)
    assert.strictEqual((await backups(["logout", "--all"], { ...env, BACKUPS_PROFILE: second })).code, 0)
    assert.isUndefined(lstatSync(second, { throwIfNoEntry: false }))
    const { code, stderr } = await backups(["logout", "--all"], { ...env, BACKUPS_PROFILE: target })
    assert.strictEqual(code, 2)
    assert.include(stderr, `The profile ${target} cannot be removed: it is not a regular file.`)
    assert.isTrue(existsSync(target))
  })

  it("in a terminal of 60 columns says what it did in one line", async () => {
    const { env, write } = home()
    write({ cloud: "shop" })
    const { code, stdout } = await inTerminal(60, ["logout", "--all"], env)
    assert.strictEqual(code, 0)
    assert.match(stdout, /^Removed: \S+\.\n$/)
  })
})
