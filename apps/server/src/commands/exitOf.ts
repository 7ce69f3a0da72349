import type { StoreUnavailable } from "@backup-catalog/core/store"
import { Cause, Option } from "effect"
import type { AuthTypeUnknown, CredentialsMissing } from "../auth/keystone/Credentials.ts"
import type { StartFailure } from "../startServer.ts"
import type { CopyRefused } from "../store/copy/CopyRefused.ts"
import type { StoreRefused } from "../store/StoreRefused.ts"
import type { TelemetryInvalid } from "../telemetry/TelemetrySettings.ts"
import { PROGRAM_REPLACED } from "../workers/messages.ts"
import type { WorkerNotStarted } from "../workers/supervise.ts"
import type { ProgramReplaced } from "../workers/supervised.ts"
import type { CommandError } from "./CommandError.ts"
import { calling, type OfDemo } from "./namedSettings.ts"

/** What a command may end with, apart from success. */
export type CommandFailure =
  | CommandError
  | StoreRefused
  | CopyRefused
  | StoreUnavailable
  | Exclude<StartFailure, OfDemo>
  | AuthTypeUnknown
  | CredentialsMissing
  | TelemetryInvalid
  | WorkerNotStarted
  | ProgramReplaced

/** How a command ends: its exit code, and what a person is told; undefined where there is nothing to say. */
export interface Ending {
  readonly code: 0 | 1 | 2 | 130 | typeof PROGRAM_REPLACED
  readonly said: string | undefined
}

const failed = (said: string): Ending => ({ code: 1, said })

/** The command line or a setting is at fault. */
const wrong = (said: string): Ending => ({ code: 2, said })

const commandEnding = ({ exitCode, message }: CommandError): Ending => ({ code: exitCode, said: message })

const endings: {
  readonly [Tag in CommandFailure["_tag"]]: (failure: Extract<CommandFailure, { readonly _tag: Tag }>) => Ending
} = {
  CommandError: commandEnding,
  StoreNotOpened: ({ store, reason }) => failed(`The store ${store} cannot be opened: ${reason}.`),
  StoreNewer: ({ store, schema, known }) =>
    failed(
      `The store ${store} was written by a newer version of this program (schema ${schema}, this one knows ${known}); upgrade the program.`
    ),
  StoreOlder: ({ store, schema, known }) =>
    failed(
      `The store ${store} was written by an older version of this program (schema ${schema}, this one ` +
        `knows ${known}), and is not changed here; check it with that version, or let migrate bring it up to ` +
        "date."
    ),
  StoreMissing: (failure) => commandEnding(calling(failure, "--store")),
  NoReplicas: (failure) => commandEnding(calling(failure, "--store-read")),
  PositionUnknown: (failure) => commandEnding(calling(failure, "--store-read")),
  NotAReplica: ({ replica, store, reason }) => failed(`${replica} is no replica of the store ${store}: ${reason}.`),
  StoreUnavailable: ({ reason }) => failed(`The store does not answer: ${reason}.`),
  StoreUnreadable: ({ store, reason }) => failed(`The store ${store} cannot be read: ${reason}.`),
  TemporaryCopyFailed: ({ store, folder, reason }) =>
    failed(`A temporary copy of the store ${store} in ${folder} cannot be made: ${reason}; TMPDIR says where.`),
  PostgresGaveUp: ({ reason }) => failed(`PostgreSQL gave up: ${reason}.`),
  RowsFaulty: ({ faults, more }) =>
    failed([...faults, ...(more > 0 ? [`There are ${more} more rows that are not good.`] : [])].join("\n")),
  StoreOccupied: ({ store, table }) =>
    failed(`The store ${store} is not empty: it has ${table}. Copy into a database that nobody has used.`),
  StoreFilled: ({ store }) =>
    failed(`Another program, perhaps another copy, has written to ${store} meanwhile; nothing of this copy was kept.`),
  CopyDiffers: ({ store, tables }) =>
    failed(`What arrived in ${store} is not what was sent (${tables.join(", ")}); nothing was kept.`),
  AuthTypeUnknown: ({ known }) => wrong(`OS_AUTH_TYPE must be one of ${known.join(" ")}, or not set.`),
  CredentialsMissing: ({ variables }) =>
    wrong(
      `The server needs credentials of its own for Keystone, and these variables are not set: ${variables.join(", ")}.`
    ),
  TelemetryInvalid: ({ variable, problem }) => wrong(`${variable} ${problem}.`),
  DemoTokenExposed: ({ host }) =>
    wrong(
      `This store has the demo's token, which everybody knows; revoke it, or listen on 127.0.0.1 instead of ${host}.`
    ),
  CannotListen: ({ host, port, reason }) =>
    failed(
      reason === undefined
        ? `Port ${port} of ${host} is in use already; choose another with --port, or 0 for any.`
        : `Cannot listen on ${host} port ${port}: ${reason}.`
    ),
  WorkerNotStarted: ({ end }) =>
    end === 1 || end === 2 || end === PROGRAM_REPLACED
      ? { code: end === 2 ? 2 : 1, said: undefined }
      : failed(`A worker ended before it listened (${typeof end === "number" ? `exit code ${end}` : end}).`),
  ProgramReplaced: ({ now, before }) => ({
    code: PROGRAM_REPLACED,
    said:
      `A worker cannot start, since the files of the program are now those of version ${now} instead of ` +
      `${before ?? "an older one"}; restart the server.`
  })
}

const endingOf = <Tag extends CommandFailure["_tag"]>(
  failure: Extract<CommandFailure, { readonly _tag: Tag }>
): Ending => endings[failure._tag as Tag](failure)

/** The ending that a failure means, of a command that is told to stop when it is done or of another one. */
export const exitOf = (cause: Cause.Cause<CommandFailure>, endsBySignal: boolean): Ending => {
  // To be told to stop is how a server ends well, and how everything else is cut short.
  if (Cause.isInterruptedOnly(cause)) return { code: endsBySignal ? 0 : 130, said: undefined }
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  return failure === undefined
    ? failed(`This is a mistake of the program:\n${Cause.pretty(cause, { renderErrorCause: true })}`)
    : endingOf(failure)
}
