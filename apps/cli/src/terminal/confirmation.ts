import { Effect } from "effect"
import { Keyboard } from "../reading/Keyboard.ts"

/** Whether somebody says yes to a question; no when they say nothing, or anything else. */
export const confirm = (question: string): Effect.Effect<boolean, never, Keyboard> =>
  Effect.flatMap(Keyboard, ({ ask }) =>
    Effect.map(ask(`${question} [y/N] `), (answer) => /^\s*y(?:es)?\s*$/i.test(answer ?? ""))
  )
