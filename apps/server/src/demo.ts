import { AccountId, instantFromMillis } from "@backup-catalog/core"
import { BackupStore } from "@backup-catalog/core/store"
import { Data, Effect } from "effect"
import { hashToken } from "./auth/token.ts"
import demoAnswer from "./demo.json" with { type: "json" }
import { loadRecords } from "./load/loadRecords.ts"
import { Tokens } from "./store/Tokens.ts"

/** The account and the token of the demo; both are printed in public, so the token must never let anybody else in. */
const DEMO_ACCOUNT = AccountId.make("1234")
const DEMO_TOKEN = "87c6033c-9ff6-405f-943e-2deb73f278b7"

const demoHash = hashToken(DEMO_TOKEN)

/** The demo is for an empty store, and this one has data. */
export class DemoHasData extends Data.TaggedError("DemoHasData") {}

/** The tokens are Keystone's, which does not know that of the demo. */
export class DemoNotOfKeystone extends Data.TaggedError("DemoNotOfKeystone") {}

/** The demo lets everybody in, and others than this machine could reach it on a host. */
export class DemoReachable extends Data.TaggedError("DemoReachable") {}

/** The store has the demo's token, which everybody knows, and others than this machine could reach it on a host. */
export class DemoTokenExposed extends Data.TaggedError("DemoTokenExposed")<{ readonly host: string }> {}

/** Whether a store has the demo's token, which everybody knows. */
export const hasDemoToken = Effect.flatMap(Tokens, (tokens) =>
  Effect.map(tokens.find(demoHash), (record) => record !== undefined)
)

async function* demoFile() {
  yield Buffer.from(JSON.stringify(demoAnswer))
}

/**
 * Fills an empty store with the demo; a store that has it already is left as it is, any other is refused.
 *
 * The token comes first and the records in one transaction, so that a filling that was cut short goes on the next time.
 */
export const fillDemo = Effect.gen(function* () {
  const tokens = yield* Tokens
  const store = yield* BackupStore
  const isEmpty = yield* store.isEmpty
  const known = yield* tokens.list
  const isDemo = known.some(({ hash }) => hash.equals(demoHash))
  if (isDemo && !isEmpty) return
  if (!isDemo && (known.length > 0 || !isEmpty)) {
    return yield* new DemoHasData()
  }
  const created = instantFromMillis(Date.now())
  yield* tokens.put({ hash: demoHash, account: DEMO_ACCOUNT, role: "member", created, expires: undefined })
  yield* loadRecords(DEMO_ACCOUNT, demoFile(), {
    batchSize: 1000,
    onReject: (place, problem) => Effect.dieMessage(`${place} of the demo: ${problem}`),
    onProgress: () => Effect.void
  })
})
