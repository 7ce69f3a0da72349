import { readFileSync, statSync } from "node:fs"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { Effect, Either, ParseResult, Schema } from "effect"
import { UsageError } from "./UsageError.ts"

const Profile = Schema.Struct({
  url: Schema.optionalWith(Schema.NonEmptyString, { exact: true }),
  account: Schema.optionalWith(Schema.NonEmptyString, { exact: true }),
  token: Schema.optionalWith(Schema.NonEmptyString, { exact: true })
})
/** Settings that are kept in a file. */
export type Profile = typeof Profile.Type

const decode = Schema.decodeUnknownEither(Profile)

/** Where the profile is: `BACKUPS_PROFILE`, else `backups/profile.json` in `XDG_CONFIG_HOME` or `~/.config`. */
export const profilePath = (env: NodeJS.ProcessEnv): string => {
  if (env.BACKUPS_PROFILE) return env.BACKUPS_PROFILE
  const { XDG_CONFIG_HOME: config } = env
  // The XDG specification says that a relative path is to be ignored.
  return join(config !== undefined && isAbsolute(config) ? config : join(homedir(), ".config"), "backups/profile.json")
}

/** A profile as it was found: whether other users of the machine may read it. */
export interface FoundProfile {
  readonly profile: Profile
  readonly exposed: boolean
}

const refuse = (path: string, what: string) =>
  new UsageError({ message: `The profile ${path} cannot be used: ${what}.` })

// The parser's own message quotes the text, which holds a token.
const parseJson = (text: string): Either.Either<unknown, string> =>
  Either.try({ try: (): unknown => JSON.parse(text), catch: () => "it is not JSON" })

const describe = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const member = issue?.path[0]
  return member === undefined ? "it must be a JSON object" : `its member ${String(member)} must be a text`
}

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
      if (!found.isFile()) return refuse(path, "it is not a regular file")
      const exposed = process.platform !== "win32" && (found.mode & 0o044) !== 0
      const text = readFileSync(path, "utf8").replace(/^\ufeff/, "")
      return Either.match(
        Either.flatMap(parseJson(text), (json) => Either.mapLeft(decode(json), describe)),
        {
          onLeft: (what): Effect.Effect<FoundProfile, UsageError> => refuse(path, what),
          onRight: (profile) => Effect.succeed({ profile, exposed })
        }
      )
    } catch (error) {
      const { code, message } =
        error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) }
      if (code === "ENOENT" && !required) return Effect.succeed({ profile: {}, exposed: false })
      return refuse(path, code === "ENOENT" ? "there is no such file" : message)
    }
  })
