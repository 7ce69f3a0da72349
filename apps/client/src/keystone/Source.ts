import { InvalidOption } from "../HttpCatalogOptions.ts"
import type { Setting } from "./Setting.ts"

/** The name of a setting where it came from: alone (`OS_PASSWORD`), and as the words of a sentence. */
export interface SettingName {
  readonly name: string
  readonly words: string
}

/** Where settings come from. */
export interface Source {
  /** What a sentence calls it: `the environment`. */
  readonly title: string
  /** The value of a setting, never empty; undefined when it is not set. */
  readonly get: (setting: Setting) => string | undefined
  /** The name of a setting: the one that it was found by, else the one to write it under. */
  readonly nameOf: (setting: Setting) => SettingName
}

/** A text as the beginning of a sentence. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The error for a setting; `predicate` goes on after its name: `must begin with https://`. It never quotes a value. */
export const invalidSetting = ({ name, words }: SettingName, predicate: string): InvalidOption =>
  new InvalidOption({ option: name, message: `${capitalized(words)} ${predicate}.` })

/** What `over` sets, and of what it does not set, what `under` does. */
export const overlaid = (over: Source, under: Source): Source => ({
  title: under.title,
  get: (setting) => over.get(setting) ?? under.get(setting),
  nameOf: (setting) => (over.get(setting) === undefined ? under : over).nameOf(setting)
})
