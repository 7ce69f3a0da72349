import type { Flag, Setting } from "@backup-catalog/command-line"
import { AccountId, parseDuration } from "@backup-catalog/core"
import { Duration, Effect, Schema } from "effect"
import { httpUrl } from "../httpUrl.ts"
import { CommandError } from "./CommandError.ts"

/** A setting is wrong: what is said of it. */
export const wrong = (message: string) => new CommandError({ exitCode: 2, message })

/** A value as it is shown in a sentence: with quotes where there are spaces that nobody would see. */
export const shown = (value: string): string => (/^\S+(?: \S+)*$/.test(value) ? value : JSON.stringify(value))

/**
 * A setting that is a duration such as `10s`, `30m` or `30d`, within a range given in the same form; in milliseconds.
 */
export const durationSetting = (
  { name, value: text }: Setting,
  min: string,
  max: string
): Effect.Effect<number, CommandError> => {
  const [value, least, most] = [text, min, max].map((one) => Duration.toMillis(parseDuration(one) ?? Duration.infinity))
  return value !== undefined && value >= (least ?? 0) && value <= (most ?? 0)
    ? Effect.succeed(value)
    : wrong(`${name} must be a duration from ${min} to ${max}, in ms, s, m, h, d or w; not ${shown(text)}.`)
}

/** A number setting, checked to be a whole number of its range; `besides` says what else it may be. */
export const inRange = ({ name, value }: Setting, min: number, max: number, besides = "") =>
  /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max
    ? Effect.succeed(Number(value))
    : wrong(`${name} must be a whole number from ${min} to ${max}${besides}; not ${shown(value)}.`)

/** A text setting, checked to be one of its words. */
export const oneOf = <const Words extends ReadonlyArray<string>>(
  { name, value }: Setting,
  words: Words
): Effect.Effect<Words[number], CommandError> => {
  const known = words.find((word) => word === value)
  return known === undefined
    ? wrong(`${name} must be one of ${words.join(" ")}; not ${shown(value)}.`)
    : Effect.succeed(known)
}

/** A switch, which its variable has as `true` or `false`. */
export const isOn = (given: Setting | undefined): Effect.Effect<boolean, CommandError> =>
  given === undefined ? Effect.succeed(false) : Effect.map(oneOf(given, ["true", "false"]), (word) => word === "true")

/** The account that a command is about. */
export const accountFlag = { value: "ACCOUNT", help: "The account, such as 1234." } satisfies Flag

/** An account setting, checked. */
export const accountOf = ({ name, value }: Setting): Effect.Effect<AccountId, CommandError> =>
  Effect.mapError(Schema.decode(AccountId)(value), () =>
    wrong(`${name} must have 1 to 255 characters of A-Z a-z 0-9 . _ ~ -; not ${JSON.stringify(value)}.`)
  )

/** A setting that is an http or https URL, without a slash at its end. */
export const urlSetting = ({ name, value }: Setting): Effect.Effect<string, CommandError> =>
  Effect.mapError(httpUrl(value), ({ must }) => wrong(`${name} must be ${must}.`))

/** The public URL setting; a text that is empty counts as none. */
export const publicUrl = (given: Setting | undefined): Effect.Effect<string | undefined, CommandError> =>
  given === undefined || given.value === "" ? Effect.succeed(undefined) : urlSetting(given)
