import type { CatalogError } from "@backup-catalog/core"
import type { OutputClosed, OutputFailed } from "../terminal/Screen.ts"
import type { Finding } from "./Finding.ts"
import type { InputFailed } from "./InputFailed.ts"
import type { NotDone } from "./NotDone.ts"
import type { PartlyDone } from "./PartlyDone.ts"
import type { UsageError } from "./UsageError.ts"

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
