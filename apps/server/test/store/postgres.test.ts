import { storeLaws } from "@backup-catalog/core/testing"
import { layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as BackupStorePostgres from "../../src/store/postgres/BackupStorePostgres.ts"
import * as Postgres from "../../src/store/postgres/Postgres.ts"
import { defaultLimits, noReplicas } from "../../src/store/postgres/PostgresLimits.ts"
import * as Replicas from "../../src/store/postgres/Replicas.ts"
import { emptyDatabase } from "../support/postgres.ts"

const temporary = (limits: Partial<typeof defaultLimits>) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const cleanings: Array<() => Promise<void>> = []
      yield* Effect.addFinalizer(() => Effect.promise(() => Promise.all(cleanings.map((clean) => clean()))))
      const url = yield* Effect.promise(() => emptyDatabase((clean) => cleanings.push(clean)))
      const address = { url: Redacted.make(url), name: "the test's" }
      return BackupStorePostgres.layer.pipe(
        Layer.provide(Replicas.layer(address, noReplicas)),
        Layer.provide(Postgres.layer(address, { ...defaultLimits, ...limits }, false))
      )
    })
  )

for (const [name, limits] of [
  ["the PostgreSQL store", {}],
  ["the PostgreSQL store of partitions, without prepared statements", { partitions: 4, prepare: false }]
] as const) {
  layer(temporary(limits))(name, (it) => {
    for (const { name, check } of storeLaws) {
      it.effect(name, () => check)
    }
  })
}
