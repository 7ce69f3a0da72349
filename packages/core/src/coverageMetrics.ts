import { Option } from "effect"
import type { AccountId } from "./Backup.ts"
import { type CoverageEntry, MAX_WITHOUT_INSTANCE, verdicts } from "./Coverage.ts"
import { maxAgeMillis } from "./Policy.ts"

/** The coverage of one account. */
export interface AccountCoverage {
  readonly account: AccountId
  readonly coverage: ReadonlyArray<CoverageEntry>
  /** How many backups of it name no instance, as far as they are counted; undefined where that is not known. */
  readonly withoutInstance?: number | undefined
}

type Labels = Readonly<Record<string, string>>

interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** One metric, and the samples that an account has of it. */
interface Metric {
  readonly name: string
  readonly help: string
  readonly samples: (account: AccountCoverage) => ReadonlyArray<Sample>
}

/** The samples of each instance of an account. */
const ofEach =
  (samples: (entry: CoverageEntry) => ReadonlyArray<{ readonly labels?: Labels; readonly value: number }>) =>
  ({ account, coverage }: AccountCoverage): ReadonlyArray<Sample> =>
    coverage.flatMap((entry) => {
      const of = {
        account,
        instance_id: entry.instanceId,
        datastore: Option.match(entry.datastore, { onNone: () => "", onSome: ({ type }) => type })
      }
      return samples(entry).map(({ labels, value }) => ({ labels: { ...of, ...labels }, value }))
    })

const metrics: ReadonlyArray<Metric> = [
  {
    name: "backup_catalog_newest_usable_timestamp_seconds",
    help: "When the newest usable backup of the instance was begun; absent while there is none.",
    samples: ofEach(({ newestUsable }) =>
      Option.match(newestUsable, {
        onNone: () => [],
        onSome: ({ created }) => [{ value: Number(created) / 1e6 }]
      })
    )
  },
  {
    name: "backup_catalog_max_age_seconds",
    help: "How old the newest usable backup of the instance may be.",
    samples: ofEach(({ maxAge }) => [{ value: maxAgeMillis(maxAge) / 1000 }])
  },
  {
    name: "backup_catalog_failures_since",
    help: "Backups of the instance that failed and are newer than its newest usable one.",
    samples: ofEach(({ failuresSince }) => [{ value: failuresSince }])
  },
  {
    name: "backup_catalog_verdict",
    help: "1 for the verdict on the backups of the instance, 0 for every other.",
    samples: ofEach(({ verdict }) =>
      verdicts.map((one) => ({ labels: { verdict: one }, value: one === verdict ? 1 : 0 }))
    )
  },
  {
    name: "backup_catalog_backups_without_instance",
    help: `Backups of the account that name no instance, and so are in no verdict; at most ${MAX_WITHOUT_INSTANCE} are counted.`,
    samples: ({ account, withoutInstance }) =>
      withoutInstance === undefined ? [] : [{ labels: { account }, value: withoutInstance }]
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
  ...accounts.flatMap(samples).map(({ labels, value }) => `${name}{${labelled(labels)}} ${value}`)
]

/**
 * The coverage of some accounts as metrics, in the text format of Prometheus: gauges with the labels `account`,
 * `instance_id` and `datastore`, which is empty where it is not known; what is of a whole account has only the first.
 * Ends with a line end.
 */
export const coverageMetrics = (accounts: ReadonlyArray<AccountCoverage>): string =>
  `${metrics.flatMap((metric) => linesOf(accounts, metric)).join("\n")}\n`
