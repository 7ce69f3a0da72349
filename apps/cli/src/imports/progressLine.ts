import { formatAge } from "../rows/Age.ts"
import { formatSize } from "../rows/Size.ts"
import type { ImportProgress } from "./ImportProgress.ts"

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })

const amount = (count: number, unit: ImportProgress["unit"]): string =>
  unit === "bytes" ? formatSize(BigInt(Math.round(count))) : grouped.format(count)

/** How far an import is that began so many milliseconds ago, in a line. */
export const describeProgress = (
  source: string,
  { phase, sent, total, unit }: ImportProgress,
  elapsedMs: number
): string => {
  if (phase === "reading") return `${source}: reading what it has…`
  const what = unit === "bytes" ? "" : " records"
  if (phase === "sent") return `${source}: all ${amount(sent, unit)}${what} sent, waiting for the catalog…`
  const rate = (sent * 1000) / Math.max(elapsedMs, 1)
  const of = total === undefined ? "" : ` of ${amount(total, unit)}`
  const left = total === undefined || rate === 0 ? "" : `, ${formatAge(((total - sent) / rate) * 1000)} left`
  return `${source}: ${amount(sent, unit)}${of}${what} sent, ${amount(rate, unit)} a second${left}`
}
