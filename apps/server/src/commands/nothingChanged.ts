import type { StoreUnavailable } from "@backup-catalog/core/store"
import { CommandError } from "./CommandError.ts"

/** What a command says of tokens when their store does not answer. */
export const nothingChanged = ({ reason }: StoreUnavailable) =>
  new CommandError({
    exitCode: 1,
    message: `The store does not answer (${reason}); nothing was changed.`
  })
