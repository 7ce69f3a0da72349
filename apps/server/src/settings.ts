import { AccountId, parseDuration } from "@backup-catalog/core"
import { Options } from "@effect/cli"
import { Config, Duration, Effect, Option, Schema } from "effect"
import { CommandError } from "./CommandError.ts"

/** A setting is wrong: what is said of it. */
export const wrong = (message: string) => new CommandError({ exitCode: 2, message })

/** What whoever gave a setting calls it: its flag, or its variable where that is what was given. */
export const settingName = (flag: string): string => {
  const variable = `CATALOG_${flag.slice(2).toUpperCase().replaceAll("-", "_")}`
  const isFlag = process.argv.some((one) => one === flag || one.startsWith(`${flag}=`))
  return isFlag || process.env[variable] === undefined ? flag : variable
}

const flagOrVariable = (name: string, variable: string, description: string, fallback?: string) =>
  Options.text(name).pipe(
    Options.withDescription(`${description} [${variable}${fallback === undefined ? "" : `, default: ${fallback}`}]`),
    Options.withFallbackConfig(Config.string(variable))
  )

/** A text setting: from its flag, else from the environment, else its default. */
export const textSetting = (name: string, variable: string, description: string, fallback: string) =>
  Options.withDefault(flagOrVariable(name, variable, description, fallback), fallback)

/**
 * A text setting that may be missing: from its flag, else from the environment. `fallback` says in words what then
 * counts, where something does.
 */
export const optionalSetting = (name: string, variable: string, description: string, fallback?: string) =>
  Options.optional(flagOrVariable(name, variable, description, fallback))

/** A number setting: as text, so that `inRange` can name it when it is none. */
export const numberSetting = (name: string, variable: string, description: string, fallback: number) =>
  textSetting(name, variable, description, String(fallback))

/** A setting that is a duration such as `10s`, `30m` or `30d`, within a range given in the same form; in milliseconds. */
export const durationSetting = (
  flag: string,
  text: string,
  min: string,
  max: string
): Effect.Effect<number, CommandError> => {
  const [value, least, most] = [text, min, max].map((one) => Duration.toMillis(parseDuration(one) ?? Duration.infinity))
  return value !== undefined && value >= (least ?? 0) && value <= (most ?? 0)
    ? Effect.succeed(value)
    : wrong(`${settingName(flag)} must be a duration from ${min} to ${max}, in ms, s, m, h, d or w; not ${text}.`)
}

/** A number setting, checked to be a whole number of its range; `besides` says what else it may be. */
export const inRange = (flag: string, text: string, min: number, max: number, besides = "") =>
  /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max
    ? Effect.succeed(Number(text))
    : wrong(`${settingName(flag)} must be a whole number from ${min} to ${max}${besides}; not ${text}.`)

/** A text setting, checked to be one of its words. */
export const oneOf = <const Words extends ReadonlyArray<string>>(
  flag: string,
  text: string,
  words: Words
): Effect.Effect<Words[number], CommandError> => {
  const known = words.find((word) => word === text)
  return known === undefined
    ? wrong(`${settingName(flag)} must be one of ${words.join(" ")}; not ${text}.`)
    : Effect.succeed(known)
}

/** The account that a command is about. */
export const accountSetting = Options.text("account").pipe(Options.withDescription("The account, such as 1234"))

/** An account setting, checked. */
export const accountOf = (text: string): Effect.Effect<AccountId, CommandError> =>
  Effect.mapError(Schema.decode(AccountId)(text), () =>
    wrong(`--account must have 1 to 255 characters of A-Z a-z 0-9 . _ ~ -; not ${JSON.stringify(text)}.`)
  )

/** A setting that is an http or https URL, without a slash at its end. */
export const httpUrl = (flag: string, text: string): Effect.Effect<string, CommandError> => {
  const url = Option.getOrUndefined(Option.liftThrowable((href: string) => new URL(href))(text))
  return url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "" &&
    url.password === ""
    ? Effect.succeed(url.href.replace(/\/+$/, ""))
    : wrong(
        // What it is instead may have a secret in it.
        `${settingName(flag)} must be an http or https URL without credentials, query or fragment, such as https://backups.example.com${/[@?]/.test(text) ? "" : `; not ${text}`}.`
      )
}

/** The public URL setting; a text that is empty counts as none. */
export const publicUrl = (given: Option.Option<string>): Effect.Effect<string | undefined, CommandError> =>
  Option.isNone(given) || given.value === "" ? Effect.succeed(undefined) : httpUrl("--public-url", given.value)
