import { Option } from "effect"
import type { AccountId } from "./Backup.ts"
import { type CoverageEntry, verdicts } from "./Coverage.ts"
import { maxAgeMillis } from "./Policy.ts"

/** The coverage of one account. */
export interface AccountCoverage {
  readonly account: AccountId
  readonly coverage: ReadonlyArray<CoverageEntry>
}

type Labels = Readonly<Record<string, string>>

/** One metric, and the samples that an entry has of it. */
interface Metric {
  readonly name: string
  readonly help: string
  readonly samples: (entry: CoverageEntry) => ReadonlyArray<{ readonly labels?: Labels; readonly value: number }>
}

const metrics: ReadonlyArray<Metric> = [
  {
    name: "backup_catalog_newest_usable_timestamp_seconds",
    help: "When the newest usable backup of the instance was begun; absent while there is none.",
    samples: ({ newestUsable }) =>
      Option.match(newestUsable, {
        onNone: () => [],
        onSome: ({ created }) => [{ value: Number(created) / 1e6 }]
      })
  },
  {
    name: "backup_catalog_max_age_seconds",
    help: "How old the newest usable backup of the instance may be.",
    samples: ({ maxAge }) => [{ value: maxAgeMillis(maxAge) / 1000 }]
  },
  {
    name: "backup_catalog_failures_since",
    help: "Backups of the instance that failed and are newer than its newest usable one.",
    samples: ({ failuresSince }) => [{ value: failuresSince }]
  },
  {
    name: "backup_catalog_verdict",
    help: "1 for the verdict on the backups of the instance, 0 for every other.",
    samples: ({ verdict }) => verdicts.map((one) => ({ labels: { verdict: one }, value: one === verdict ? 1 : 0 }))
  }
]

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" }

const labelled = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => escapes[character] ?? "")}"`)
    .join(",")

const linesOf = (accounts: ReadonlyArray<AccountCoverage>, { name, help, samples }: Metric): ReadonlyArray<string> => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} gauge`,
  ...accounts.flatMap(({ account, coverage }) =>
    coverage.flatMap((entry) => {
      const of = {
        account,
        instance_id: entry.instanceId,
        datastore: Option.match(entry.datastore, { onNone: () => "", onSome: ({ type }) => type })
      }
      return samples(entry).map(({ labels, value }) => `${name}{${labelled({ ...of, ...labels })}} ${value}`)
    })
  )
]

/**
 * The coverage of some accounts as metrics, in the text format of Prometheus: gauges with the labels `account`, `instance_id`
 * and `datastore`, which is empty where it is not known. Ends with a line end.
 */
export const coverageMetrics = (accounts: ReadonlyArray<AccountCoverage>): string =>
  `${metrics.flatMap((metric) => linesOf(accounts, metric)).join("\n")}\n`
