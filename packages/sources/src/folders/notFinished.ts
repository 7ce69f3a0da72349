const NOT_FINISHED = "not finished"

/** What is wrong with a backup of which something is still to come, or never came. */
export const notFinished = (why?: string): string => (why === undefined ? NOT_FINISHED : `${NOT_FINISHED}: ${why}`)

/** Whether that is what is wrong with a backup: it may be finished yet. */
export const isNotFinished = (failure: string | undefined): boolean => failure?.startsWith(NOT_FINISHED) === true
