import { Option } from "effect"
import { assert, it } from "vitest"
import {
  AccountId,
  BackupId,
  type CoverageEntry,
  coverageMetrics,
  InstanceId,
  MaxAge,
  parseInstant
} from "../src/index.ts"

const created = parseInstant("2026-11-23T02:00:00.25Z")

const entry = (instance: string, more: Partial<CoverageEntry> = {}): CoverageEntry => ({
  instanceId: InstanceId.make(instance),
  datastore: Option.none(),
  verdict: "never",
  reason: "The catalog never had a usable backup of it.",
  maxAge: MaxAge.make("26h"),
  age: Option.none(),
  newestUsable: Option.none(),
  newest: Option.none(),
  failuresSince: 0,
  ...more
})

const fresh = entry("db-1", {
  datastore: Option.some({ type: "MySQL", version: Option.none(), versionId: Option.none() }),
  verdict: "fresh",
  newestUsable: Option.fromNullable(created).pipe(
    Option.map((at) => ({ id: BackupId.make("b"), name: "nightly", status: "COMPLETED" as const, created: at }))
  ),
  failuresSince: 2
})

const account = AccountId.make("1234")

it("the coverage as metrics is the text format of Prometheus, each metric once, with its help and type", () => {
  const text = coverageMetrics([
    { account, coverage: [fresh], withoutInstance: 3 },
    { account: AccountId.make("99"), coverage: [entry("db-2")] }
  ])
  const one = 'account="1234",instance_id="db-1",datastore="MySQL"'
  const two = 'account="99",instance_id="db-2",datastore=""'
  assert.strictEqual(
    text,
    `# HELP backup_catalog_newest_usable_timestamp_seconds When the newest usable backup of the instance was begun; absent while there is none.
# TYPE backup_catalog_newest_usable_timestamp_seconds gauge
backup_catalog_newest_usable_timestamp_seconds{${one}} 1795399200.25
# HELP backup_catalog_max_age_seconds How old the newest usable backup of the instance may be.
# TYPE backup_catalog_max_age_seconds gauge
backup_catalog_max_age_seconds{${one}} 93600
backup_catalog_max_age_seconds{${two}} 93600
# HELP backup_catalog_failures_since Backups of the instance that failed and are newer than its newest usable one.
# TYPE backup_catalog_failures_since gauge
backup_catalog_failures_since{${one}} 2
backup_catalog_failures_since{${two}} 0
# HELP backup_catalog_verdict 1 for the verdict on the backups of the instance, 0 for every other.
# TYPE backup_catalog_verdict gauge
backup_catalog_verdict{${one},verdict="fresh"} 1
backup_catalog_verdict{${one},verdict="suspect"} 0
backup_catalog_verdict{${one},verdict="stale"} 0
backup_catalog_verdict{${one},verdict="never"} 0
backup_catalog_verdict{${one},verdict="broken-chain"} 0
backup_catalog_verdict{${two},verdict="fresh"} 0
backup_catalog_verdict{${two},verdict="suspect"} 0
backup_catalog_verdict{${two},verdict="stale"} 0
backup_catalog_verdict{${two},verdict="never"} 1
backup_catalog_verdict{${two},verdict="broken-chain"} 0
# HELP backup_catalog_backups_without_instance Backups of the account that name no instance, and so are in no verdict; at most 1000 are counted.
# TYPE backup_catalog_backups_without_instance gauge
backup_catalog_backups_without_instance{account="1234"} 3
`
  )
})

it("names in labels cannot end the label", () => {
  const text = coverageMetrics([{ account, coverage: [entry('a"} 1 b\\"{x="y')] }])
  assert.include(
    text,
    String.raw`backup_catalog_max_age_seconds{account="1234",instance_id="a\"} 1 b\\\"{x=\"y",datastore=""} 93600`
  )
})
