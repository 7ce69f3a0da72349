import { Option, Schema } from "effect"
import { assert, describe, it } from "vitest"
import {
  type BackupGlance,
  BackupId,
  CLOCK_SKEW,
  CoverageEntry,
  type InstanceFacts,
  InstanceId,
  type Instant,
  instantFromMillis,
  judge,
  MaxAge
} from "../src/index.ts"

const NOW = Date.UTC(2026, 0, 10, 12)
const HOUR = 3_600_000
const MICROS = 1n

const glance = (created: Instant): BackupGlance => ({
  id: BackupId.make("b"),
  name: "nightly",
  status: "COMPLETED",
  created
})

const aged = (millis: number, micros = 0n): BackupGlance =>
  glance((instantFromMillis(NOW - millis) - micros) as Instant)

const none: InstanceFacts = {
  instanceId: InstanceId.make("db-1"),
  datastore: Option.none(),
  newest: Option.none(),
  newestUsable: Option.none(),
  suspect: Option.none(),
  broken: Option.none(),
  failuresSince: 0,
  lastGone: Option.none()
}

const broken = Option.some({
  backup: aged(HOUR),
  link: "base",
  nativeLink: Option.some("20260102F"),
  problem: "missing" as const
})
const gone = Option.some(instantFromMillis(NOW - HOUR))
const suspect = Option.some("its checksum is wrong")
const usable = (backup: BackupGlance) => ({ newestUsable: Option.some(backup), newest: Option.some(backup) })

describe("the verdict on an instance", () => {
  it.each([
    ["a backup that was just begun", "fresh", usable(aged(0))],
    ["a backup exactly as old as it may be", "fresh", usable(aged(26 * HOUR))],
    ["a backup a microsecond older than it may be", "stale", usable(aged(26 * HOUR, MICROS))],
    ["a backup of long ago", "stale", usable(glance(0n as Instant))],
    ["a backup as far in the future as clocks differ", "fresh", usable(aged(-CLOCK_SKEW))],
    ["a backup a microsecond further in the future", "suspect", usable(aged(-CLOCK_SKEW, -MICROS))],
    ["a backup of the year 9999", "suspect", usable(glance(253_402_300_799_999_999n as Instant))],
    ["a suspect backup that is young", "suspect", { ...usable(aged(HOUR)), suspect }],
    ["a suspect backup that is old", "stale", { ...usable(aged(27 * HOUR)), suspect }],
    ["a suspect backup of the future", "suspect", { ...usable(aged(-HOUR)), suspect }],
    ["a young backup and a younger one with a broken chain", "fresh", { ...usable(aged(2 * HOUR)), broken }],
    ["an old backup and a younger one with a broken chain", "broken-chain", { ...usable(aged(27 * HOUR)), broken }],
    ["a broken chain alone", "broken-chain", { broken }],
    ["a broken chain, and others that are gone", "broken-chain", { broken, lastGone: gone }],
    ["none any more", "stale", { lastGone: gone }],
    ["none at all", "never", {}],
    ["failed ones alone", "never", { newest: Option.some(aged(HOUR)), failuresSince: 3 }],
    ["a young backup, and others that are gone", "fresh", { ...usable(aged(HOUR)), lastGone: gone }]
  ] as const)("with %s is %j", (_, verdict, facts) => {
    const entry = judge({ ...none, ...facts }, MaxAge.make("26h"), NOW)
    assert.strictEqual(entry.verdict, verdict)
    assert.match(entry.reason, /^[A-Z].*\.$/)
  })

  it("rests on the age in whole seconds from the start of the newest usable backup", () => {
    const age = (backup: BackupGlance) => judge({ ...none, ...usable(backup) }, MaxAge.make("26h"), NOW).age
    assert.deepStrictEqual(age(aged(1999)), Option.some(1))
    assert.deepStrictEqual(age(aged(0)), Option.some(0))
    assert.deepStrictEqual(age(aged(-61_000)), Option.some(-61))
    assert.deepStrictEqual(judge(none, MaxAge.make("26h"), NOW).age, Option.none())
  })

  it("names what a broken chain lacks, by the tool's own name where it is known", () => {
    const entry = judge({ ...none, broken }, MaxAge.make("26h"), NOW)
    assert.include(entry.reason, "20260102F (base)")
    const without = Option.map(broken, (one) => ({ ...one, nativeLink: Option.none<string>() }))
    assert.include(judge({ ...none, broken: without }, MaxAge.make("26h"), NOW).reason, ": base, which")
  })

  it("can be sent whatever the facts are", () => {
    for (const created of [-62_167_219_200_000_000n, 0n, 253_402_300_799_999_999n]) {
      const entry = judge({ ...none, ...usable(glance(created as Instant)) }, MaxAge.make("1m"), NOW)
      const sent = JSON.parse(JSON.stringify(Schema.encodeSync(CoverageEntry)(entry)))
      assert.hasAllKeys(sent, [
        ...["instance_id", "datastore", "verdict", "reason", "max_age", "age"],
        ...["newest_usable", "newest", "failures_since"]
      ])
    }
  })
})
