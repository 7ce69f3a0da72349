import { setTimeout } from "node:timers/promises"

const DEADLINE_MS = 150_000
const PAUSE_MS = 100

/** Asks again and again until there is an answer, and gives it; fails when there is none for some minutes. */
export const until = async <A>(what: string, ask: () => Promise<A | undefined>): Promise<A> => {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`There was no sign of ${what} for ${DEADLINE_MS / 1000} s.`)
    await setTimeout(PAUSE_MS)
  }
}
