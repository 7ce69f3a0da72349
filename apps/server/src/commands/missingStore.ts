import type { Setting } from "@backup-catalog/command-line"
import { StoreMissing } from "../store/StoreRefused.ts"
import { CommandError } from "./CommandError.ts"

/** What is said of a store that is not there, by the name of the setting that says where it is. */
export const missingStore = ({ store, place }: StoreMissing, name: string): string => {
  if (place === "empty file") return `There is no store at ${store}: the file is empty.`
  return `There is no store ${place === "file" ? "at" : "in"} ${store}; ${name} says where it is.`
}

/** An error of a command, which calls the setting of a store that is not there as it was given. */
export const namedBy =
  ({ name }: Setting) =>
  <E>(error: E): Exclude<E, StoreMissing> | CommandError =>
    error instanceof StoreMissing
      ? new CommandError({ exitCode: 1, message: missingStore(error, name) })
      : (error as Exclude<E, StoreMissing>)
