import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, TestClock } from "effect"
import { answers, fails, hangsUp, type Misbehaviour, OWN_PASSWORD, scopedTo } from "./support/IdentityServer.ts"
import { startKeystone } from "./support/keystone.ts"

/** An answer that says everything that it was asked with, as a careless proxy does. */
const echoes =
  (status: number, token: string): Misbehaviour =>
  (response) =>
    answers(status, `${OWN_PASSWORD} ${token} own-token-1 ${JSON.stringify(response.req.headers)}`, {
      "X-Echo": token
    })(response)

const misbehaviours = (token: string): Record<string, Misbehaviour | undefined> => ({
  nothing: undefined,
  "an echo": echoes(200, token),
  "an echoing error": echoes(500, token),
  "an echoing refusal": answers(401, { error: { code: 401, message: `${OWN_PASSWORD} ${token} own-token-1` } }),
  "an unknown status": echoes(418, token),
  "a dropped connection": hangsUp,
  "a broken status line": (response) => {
    response.socket?.end(`HTTP/1.1 nonsense ${token} ${OWN_PASSWORD} own-token-1\r\n\r\n`)
  },
  "a missing right": fails(403, "Forbidden")
})

const SECRET = "secret-of-the-caller"

describe("what is told about trouble with Keystone", () => {
  for (const name of Object.keys(misbehaviours(SECRET))) {
    for (const method of ["GET", "POST"] as const) {
      it.scoped(`has no token and no password in it, after ${name} to ${method}`, () =>
        Effect.gen(function* () {
          const { identity, verify, log } = yield* startKeystone()
          const told: Array<string> = []
          identity.callers.set(`${SECRET}-forbidden`, scopedTo("shop", "auditor"))
          const tokens = [SECRET, `${SECRET}-forbidden`, `${SECRET}\nX: y`, `${SECRET}-é`, `${SECRET}-токен`]
          const check = Effect.forEach(tokens, (token) =>
            Effect.map(Effect.exit(verify(token)), (exit) => {
              told.push(inspect(exit, { depth: 9, showHidden: true }), JSON.stringify(exit), String(exit))
              if (Exit.isFailure(exit)) told.push(Cause.pretty(exit.cause, { renderErrorCause: true }))
            })
          )
          yield* check
          identity.misbehave = (call) => (call.method === method ? misbehaviours(SECRET)[name] : undefined)
          identity.forgetOwnTokens()
          yield* TestClock.adjust(Duration.hours(2))
          yield* check
          yield* Effect.promise(() => identity.stop())
          yield* TestClock.adjust(Duration.hours(2))
          yield* check
          assert.isAbove(log.length, 0)
          for (const secret of [SECRET, OWN_PASSWORD, "own-token-"]) {
            assert.notInclude(told.join("\n"), secret)
            assert.notInclude(log.join("\n"), secret)
          }
        })
      )
    }
  }
})
