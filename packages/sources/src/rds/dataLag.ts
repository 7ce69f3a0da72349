import { formatInstant } from "@backup-catalog/core"
import type { Usable } from "./RdsSnapshot.ts"

const MINUTE = 60n * 1_000_000n
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR

const shown = (micros: bigint): string => {
  if (micros >= 2n * DAY) return `${micros / DAY} days`
  if (micros >= 2n * HOUR) return `${micros / HOUR} hours`
  return micros >= 2n * MINUTE ? `${micros / MINUTE} minutes` : "1 minute"
}

/** How much older the data of a snapshot is than the snapshot, as a clause, and whether that is too much. */
export interface DataLag {
  readonly text: string
  readonly isLong: boolean
}

/**
 * The lag of a snapshot, as that of a replica that lags behind; undefined below a minute, and of a copy that does not
 * tell when its original was made.
 */
export const dataLag = ({ created, dataTime, isCopy, first }: Usable): DataLag | undefined => {
  if (dataTime === undefined || (isCopy && first === undefined)) return undefined
  const lag = created - dataTime
  if (lag < MINUTE) return undefined
  return {
    text: `its data is of ${formatInstant(dataTime)}Z, ${shown(lag)} older than the snapshot`,
    isLong: lag > DAY
  }
}
