import type { Setting } from "@backup-catalog/command-line"
import { NoReplicas, PositionUnknown } from "../store/StoreRefused.ts"
import { CommandError } from "./CommandError.ts"

/** What is said of a store that has no replicas, by the name of the setting that says which to read. */
export const noReplicas = ({ store }: NoReplicas, name: string): string =>
  `${name} names replicas of a PostgreSQL store; ${store} is a file of SQLite, which has none.`

/** What is said of a store that does not say how far it is, by the name of the setting that says which replicas to read. */
export const positionUnknown = ({ store, reason }: PositionUnknown, name: string): string =>
  `The store ${store} does not say how far it is, so ${name} cannot be used: ${reason}.`

/** An error of a command, which calls the setting of replicas that cannot be read as it was given. */
export const replicasNamedBy =
  ([setting]: ReadonlyArray<Setting>) =>
  <E>(error: E): E | CommandError => {
    if (setting === undefined) return error
    if (error instanceof NoReplicas) return new CommandError({ exitCode: 2, message: noReplicas(error, setting.name) })
    if (error instanceof PositionUnknown)
      return new CommandError({ exitCode: 1, message: positionUnknown(error, setting.name) })
    return error
  }
