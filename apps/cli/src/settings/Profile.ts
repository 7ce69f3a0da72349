import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect, Either, ParseResult, Predicate, Schema } from "effect"
import { UsageError } from "../outcomes/UsageError.ts"
import { configFolder } from "./configFolder.ts"

const text = Schema.optionalWith(Schema.NonEmptyString, { exact: true })

const Profile = Schema.Struct({
  url: text,
  account: text,
  /** The token itself. */
  token: text,
  /** A command line of the shell whose first line of output is the token. */
  tokenCommand: text,
  /** Whether the token is in the keyring of the system. */
  keyring: Schema.optionalWith(Schema.Literal(true), { exact: true }),
  /** The cloud of clouds.yaml that says all of this. */
  cloud: text
}).pipe(
  Schema.filter(({ url, account, token, tokenCommand, keyring, cloud }) => {
    const tokens = [token, tokenCommand, keyring].filter((one) => one !== undefined).length
    if (tokens > 1) return "it may have one of token, tokenCommand and keyring"
    return cloud === undefined || (tokens === 0 && url === undefined && account === undefined)
      ? undefined
      : "it may have either cloud, or url, account and a token"
  })
)
/** Settings that are kept in a file. */
export type Profile = typeof Profile.Type

/** The members of a profile that this program knows; it leaves others in the file as they are. */
export const profileMembers = ["url", "account", "token", "tokenCommand", "keyring", "cloud"] as const

const decode = Schema.decodeUnknownEither(Profile)

/**
 * Where the profile is: `BACKUPS_PROFILE`, else `backups/profile.json` in the folder for configurations; undefined
 * where there is neither.
 */
export const profilePath = (env: NodeJS.ProcessEnv): string | undefined => {
  if (env.BACKUPS_PROFILE) return env.BACKUPS_PROFILE
  const folder = configFolder(env)
  return folder === undefined ? undefined : join(folder, "backups/profile.json")
}

/** The same for what changes the profile, and has to have one. */
export const ownProfilePath = (env: NodeJS.ProcessEnv): Effect.Effect<string, UsageError> => {
  const path = profilePath(env)
  return path === undefined
    ? new UsageError({ message: "There is no home folder to keep a profile in; set BACKUPS_PROFILE to a path for it." })
    : Effect.succeed(path)
}

/** A profile as it was found. */
export interface FoundProfile {
  readonly profile: Profile
  /** Everything in the file, also what this program does not know. */
  readonly members: Readonly<Record<string, unknown>>
  /** Whether its mode lets other users of the machine read it. */
  readonly exposed: boolean
  /** Whether its mode lets other users of the machine write it. */
  readonly writable: boolean
}

/** The error for a profile that is there and is of no use; `what` is the end of a sentence. */
export const refuseProfile = (path: string, what: string): UsageError =>
  new UsageError({ message: `The profile ${path} cannot be used: ${what}.` })

// The parser's own message quotes the text, which holds a token.
const parseJson = (text: string): Either.Either<unknown, string> =>
  Either.try({ try: (): unknown => JSON.parse(text), catch: () => "it is not JSON" })

const describe = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const member = issue?.path[0]
  if (member === undefined) return issue?._tag === "Refinement" ? issue.message : "it must be a JSON object"
  return `its member ${String(member)} must be ${member === "keyring" ? "true, or absent" : "a text"}`
}

const parse = (text: string): Either.Either<Pick<FoundProfile, "profile" | "members">, string> =>
  Either.flatMap(parseJson(text), (json) =>
    Either.mapBoth(decode(json), {
      onLeft: describe,
      onRight: (profile) => ({ profile, members: Predicate.isRecord(json) ? json : {} })
    })
  )

/**
 * The profile at a path; an empty one when there is none and `required` is not set.
 *
 * Fails with a sentence that names the path and never quotes the content.
 */
export const readProfile = (path: string, required: boolean): Effect.Effect<FoundProfile, UsageError> =>
  Effect.suspend(() => {
    try {
      const found = statSync(path)
      // To read a pipe would be to wait for its writer, perhaps for ever.
      if (!found.isFile()) return refuseProfile(path, "it is not a regular file")
      const [readable, writable] = process.platform === "win32" ? [0, 0] : [found.mode & 0o044, found.mode & 0o022]
      const text = readFileSync(path, "utf8").replace(/^\ufeff/, "")
      return Either.match(parse(text), {
        onLeft: (what): Effect.Effect<FoundProfile, UsageError> =>
          refuseProfile(path, `${what}; repair it, or have backups logout --all remove it`),
        onRight: (parsed) => Effect.succeed({ ...parsed, exposed: readable !== 0, writable: writable !== 0 })
      })
    } catch (error) {
      const { code, message } =
        error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) }
      if (code === "ENOENT" && !required) {
        return Effect.succeed({ profile: {}, members: {}, exposed: false, writable: false })
      }
      return refuseProfile(path, code === "ENOENT" ? "there is no such file" : message)
    }
  })
