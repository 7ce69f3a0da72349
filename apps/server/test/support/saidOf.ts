import { Exit } from "effect"
import { type CommandFailure, exitOf } from "../../src/commands/exitOf.ts"

/** What a person is told where this is how a command ends; an empty text where there is nothing to say. */
export const saidOf = (exit: Exit.Exit<unknown, CommandFailure>): string =>
  Exit.isFailure(exit) ? (exitOf(exit.cause, false).said ?? "") : ""
