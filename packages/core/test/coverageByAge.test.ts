import { FastCheck as fc, Option } from "effect"
import { assert, describe, it } from "vitest"
import {
  BackupId,
  type InstanceFacts,
  InstanceId,
  instantFromMillis,
  judge,
  judgeByAge,
  MaxAge,
  maxAgeMillis
} from "../src/index.ts"

const NOW = Date.UTC(2026, 10, 24)
const ages = ["1m", "5m", "1h", "26h", "7d"].map((age) => MaxAge.make(age))

const glance = (seconds: number) => ({
  id: BackupId.make("b"),
  name: "nightly",
  status: "COMPLETED" as const,
  created: instantFromMillis(NOW - seconds * 1000)
})

const broken = Option.some({
  backup: glance(10),
  link: "full",
  nativeLink: Option.none<string>(),
  problem: "missing" as const
})

const facts = fc.record({
  instanceId: fc.constant(InstanceId.make("db-1")),
  datastore: fc.constant(Option.none()),
  newest: fc.constant(Option.none()),
  newestUsable: fc.oneof(
    fc.constant(Option.none()),
    fc
      .oneof(fc.integer({ min: -600, max: 1_000_000 }), fc.constantFrom(60, 61, 300, 301, 3600, 3601, 93_600, 93_601))
      .map((seconds) => Option.some(glance(seconds)))
  ),
  suspect: fc.constantFrom(Option.none(), Option.some("its checksum differs")),
  broken: fc.constantFrom(Option.none(), broken),
  failuresSince: fc.nat(5),
  lastGone: fc.constantFrom(Option.none(), Option.some(instantFromMillis(NOW)))
}) satisfies fc.Arbitrary<InstanceFacts>

describe("a verdict by another age", () => {
  it("is the one that would have been made with that age, as far as the entry tells", () => {
    fc.assert(
      fc.property(facts, fc.constantFrom(...ages), fc.constantFrom(...ages), (one, before, age) => {
        const entry = judge(one, before, NOW)
        // What is young enough does not tell of broken chains.
        const known = entry.verdict === "fresh" || entry.verdict === "suspect" ? { ...one, broken: Option.none() } : one
        assert.deepEqual(judgeByAge(entry, age, one.suspect), judge(known, age, NOW))
      }),
      { numRuns: 2000 }
    )
  })

  it("is fresh where nobody says that the backup is suspect, and keeps what was suspect", () => {
    const one = { ...fc.sample(facts, 1)[0], newestUsable: Option.some(glance(7200)) } as InstanceFacts
    const doubtful = { ...one, suspect: Option.some("its checksum differs"), broken: Option.none() }
    const [hour, day] = [MaxAge.make("1h"), MaxAge.make("26h")]
    assert.strictEqual(judgeByAge(judge(doubtful, hour, NOW), day).verdict, "fresh")
    assert.strictEqual(judgeByAge(judge(doubtful, day, NOW), MaxAge.make("7d")).verdict, "suspect")
    assert.strictEqual(judgeByAge(judge(doubtful, day, NOW), hour).verdict, "stale")
    assert.isAbove(maxAgeMillis(day), maxAgeMillis(hour))
  })
})
