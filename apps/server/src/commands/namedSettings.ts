import type { Setting } from "@backup-catalog/command-line"
import { DemoHasData, DemoNotOfKeystone, DemoReachable } from "../demo.ts"
import { NoReplicas, PositionUnknown, StoreMissing } from "../store/StoreRefused.ts"
import { CommandError } from "./CommandError.ts"
import { wrong } from "./settings.ts"

/** What a setting is to blame for: that of the store for one that is not there, that of replicas for the others. */
type OfSetting = StoreMissing | NoReplicas | PositionUnknown

const missing = ({ store, what }: StoreMissing, name: string): string => {
  if (what === "empty file") return `There is no store at ${store}: the file is empty.`
  return `There is no store ${what === "file" ? "at" : "in"} ${store}; ${name} says where it is.`
}

/** How a command ends with what a setting is to blame for, which is called by a name. */
export const calling = (failure: OfSetting, name: string): CommandError => {
  switch (failure._tag) {
    case "StoreMissing":
      return new CommandError({ exitCode: 1, message: missing(failure, name) })
    case "NoReplicas":
      return new CommandError({
        exitCode: 2,
        message: `${name} names replicas of a PostgreSQL store; ${failure.store} is a file of SQLite, which has no replicas.`
      })
    case "PositionUnknown":
      return new CommandError({
        exitCode: 1,
        message: `The store ${failure.store} does not say how far it is, so ${name} cannot be used: ${failure.reason}.`
      })
  }
}

/** An error of a command, which calls the setting of a store that is not there as it was given. */
export const storeNamedBy =
  ({ name }: Setting) =>
  <E>(error: E): Exclude<E, StoreMissing> | CommandError =>
    error instanceof StoreMissing ? calling(error, name) : (error as Exclude<E, StoreMissing>)

/** An error of a command, which calls the setting of replicas that cannot be read as it was given. */
export const replicasNamedBy =
  ([setting]: ReadonlyArray<Setting>) =>
  <E>(error: E): E | CommandError =>
    setting !== undefined && (error instanceof NoReplicas || error instanceof PositionUnknown)
      ? calling(error, setting.name)
      : error

/** What a demo is refused for by its settings. */
export type OfDemo = DemoHasData | DemoNotOfKeystone | DemoReachable

const isOfDemo = (error: unknown): error is OfDemo =>
  error instanceof DemoHasData || error instanceof DemoNotOfKeystone || error instanceof DemoReachable

/** A setting with another value, as it would be given in the same place. */
const withValue = ({ name }: Setting, value: string): string =>
  name.startsWith("--") ? `${name} ${value}` : `${name}=${value}`

/** An error of a command, which calls the settings of a demo as they were given. */
export const demoNamedBy =
  ({
    demo,
    store,
    auth,
    host
  }: Readonly<Record<"store" | "auth" | "host", Setting>> & { readonly demo?: Setting | undefined }) =>
  <E>(error: E): Exclude<E, OfDemo> | CommandError => {
    if (demo === undefined || !isOfDemo(error)) return error as Exclude<E, OfDemo>
    switch (error._tag) {
      case "DemoHasData":
        return wrong(
          `${demo.name} is for an empty store, and this one has data; give another ${store.name}, or leave ${demo.name} out.`
        )
      case "DemoNotOfKeystone":
        return wrong(
          `${demo.name} has a token of its own, which no Keystone knows; leave ${demo.name} or ${withValue(auth, "keystone")} out.`
        )
      case "DemoReachable":
        return wrong(
          `${demo.name} lets everybody in, so it listens on this machine only: ${withValue(host, "127.0.0.1")}, not ${host.value}.`
        )
    }
  }
