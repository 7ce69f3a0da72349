import type { Flags } from "@backup-catalog/command-line"
import { Effect } from "effect"
import type { LocalCommand } from "../commandLine/Command.ts"
import { clearToken } from "../settings/Keyring.ts"
import { ownProfilePath, type Profile, readProfile } from "../settings/Profile.ts"
import { removeProfile, writeProfile } from "../settings/writeProfile.ts"
import { Screen } from "../terminal/Screen.ts"

const flags: Flags<"all"> = { all: { help: "Remove the whole profile, also the address and the account." } }

const forgotten = new Set(["token", "tokenCommand", "keyring", "cloud"])

/** `backups logout`: forgets the token of the profile. */
export const logout: LocalCommand<keyof typeof flags> = {
  kind: "local",
  name: "logout",
  summary: "Forget the token of the profile, and keep the address and the account.",
  details: "The token itself stays good: a server's administrator revokes it.",
  flags,
  examples: [
    ["backups logout", "The next command asks for a token again."],
    ["backups logout --all", "Nothing of the profile is left."]
  ],
  run: Effect.fnUntraced(function* (input) {
    const screen = yield* Screen
    const path = yield* ownProfilePath(process.env)
    const all = input.given("all")
    const found = readProfile(path, false)
    // Of one that cannot be read nobody knows whether it has a token in the keyring: it has to go all the same.
    const { profile, members } = yield* all ? Effect.orElseSucceed(found, () => ({ profile: {}, members: {} })) : found
    const { url, account, keyring }: Profile = profile
    if (keyring && url !== undefined && account !== undefined) yield* clearToken({ url, account })
    if (all) {
      const removed = yield* removeProfile(path)
      return yield* screen.note(removed ? `Removed: ${path}.` : `There is no profile ${path}.`)
    }
    const left = Object.entries(members).filter(([name]) => !forgotten.has(name))
    if (left.length === Object.keys(members).length) return yield* screen.note(`There is no token in ${path}.`)
    yield* writeProfile(path, Object.fromEntries(left))
    yield* screen.note(`Forgotten: the token in ${path}.`)
  })
}
