/**
 * How long nothing may have been written to what a tool has not finished, for it to be still at work, in milliseconds:
 * a folder, which gets a file now and then, and a file that by its name is not finished.
 */
export const patience = { folder: 10 * 60_000, file: 24 * 3_600_000 } as const

/**
 * Whether something was written within so many milliseconds. A time far ahead is that of a clock that was wrong, and no
 * news.
 */
export const isStillWritten = (lastWrite: number, now: number, within: number): boolean =>
  Math.abs(now - lastWrite) < within
