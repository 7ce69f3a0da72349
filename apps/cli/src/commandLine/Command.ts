import type { HttpServices } from "@backup-catalog/client/effect"
import type { Command as Declared, Input } from "@backup-catalog/command-line"
import type { Effect } from "effect"
import type { CommandError } from "../outcomes/CommandError.ts"
import type { Keyboard } from "../reading/Keyboard.ts"
import type { Account } from "../settings/Account.ts"
import type { CatalogUrl } from "../settings/CatalogUrl.ts"
import type { Screen } from "../terminal/Screen.ts"

interface Declaration<Name extends string> extends Declared<Name> {
  /** Whether no setting matters to it: neither an option, nor a variable, nor the profile. */
  readonly withoutSettings?: true
  /** Whether it says by the exit code 1 what it found, so that no error may have that code; else undefined. */
  readonly searches?: (input: Input<Name>) => boolean
}

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
