import type { HttpServices } from "@backup-catalog/client/effect"
import type { CatalogError } from "@backup-catalog/core"
import type { Effect } from "effect"
import type { Account } from "./Account.ts"
import type { CatalogUrl } from "./CatalogUrl.ts"
import type { Finding } from "./Finding.ts"
import type { InputFailed, Keyboard } from "./Keyboard.ts"
import type { NotDone } from "./NotDone.ts"
import type { PartlyDone } from "./PartlyDone.ts"
import type { OutputClosed, OutputFailed, Screen } from "./Screen.ts"
import type { UsageError } from "./UsageError.ts"

/** An option of a command: how it is written, and what its help says. */
export interface Flag {
  /** The one letter it may also be written with. */
  readonly short?: string
  /** What its value is called in the help; an option without one is on or off. */
  readonly value?: string
  /** Whether it may be given more than once. */
  readonly repeatable?: boolean
  /** One sentence, with its default or an example. */
  readonly help: string
  /** What a shell offers as its value. */
  readonly choices?: ReadonlyArray<string>
  /** Whether its value is a file, which a shell then offers. */
  readonly file?: boolean
}

/** Options by their long names. */
export type Flags<Name extends string = string> = Readonly<Record<Name, Flag>>

/** What a command takes that is not an option. */
export interface Argument {
  readonly name: string
  /** Whether there may be more than one. */
  readonly repeatable?: boolean
  readonly help: string
  readonly choices?: ReadonlyArray<string>
  /** Whether it is a file or folder, which a shell then offers. */
  readonly file?: boolean
  /** The option that wants something else in its place, and what. */
  readonly unless?: readonly [option: string, argument: Argument]
}

/** What was given on the command line, checked against the options of its command. */
export interface Input<Name extends string = string> {
  /** The value of an option that may be given once; undefined when it was not. Never empty. */
  readonly value: (name: Name) => string | undefined
  /** The values of an option in their order, none when it was not given. Never empty texts. */
  readonly values: (name: Name) => ReadonlyArray<string>
  readonly given: (name: Name) => boolean
  /** The argument of a command that has one, the first where there may be more; else an empty text. */
  readonly argument: string
  /** All arguments in their order; none where a command has none. */
  readonly arguments: ReadonlyArray<string>
  /** The words behind `--` of a command that takes them as they are; undefined where there is no `--`. */
  readonly rest: ReadonlyArray<string> | undefined
}

interface Declaration<Name extends string> {
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** What else a reader of its help needs to know. */
  readonly details?: string
  readonly argument?: Argument
  /** An argument that may follow the first one, and need not. */
  readonly secondArgument?: Argument
  /** What the words behind `--` are, where they are taken as they are. */
  readonly rest?: Argument
  readonly flags: Flags<Name>
  /** Whether it says by the exit code 1 what it found, so that no error may have that code; else undefined. */
  readonly searches?: (input: Input<Name>) => boolean
  /** Command lines that work when pasted, each with what it does. */
  readonly examples: ReadonlyArray<readonly [line: string, meaning: string]>
}

/** What a command may end with, apart from success. */
export type CommandError =
  | CatalogError
  | UsageError
  | OutputClosed
  | OutputFailed
  | InputFailed
  | NotDone
  | PartlyDone
  | Finding

/** A command that needs nothing but the screen and the keyboard. */
export interface LocalCommand<Name extends string = string> extends Declaration<Name> {
  readonly kind: "local"
  readonly run: (input: Input<Name>) => Effect.Effect<void, CommandError, Screen | Keyboard>
}

/** A command that asks the catalog; it also has the options that say where the catalog is. */
export interface CatalogCommand<Name extends string = string> extends Declaration<Name> {
  readonly kind: "catalog"
  readonly run: (
    input: Input<Name>
  ) => Effect.Effect<void, CommandError, Screen | Keyboard | HttpServices | Account | CatalogUrl>
}

/** One command of the program. */
export type Command = LocalCommand | CatalogCommand
