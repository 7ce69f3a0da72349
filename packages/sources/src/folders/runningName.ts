import { baseName } from "./sourcePath.ts"

const running = /\.(?:part|partial|tmp)$/i

/** The path of a file without what is added to it while it is being written. */
export const finishedPath = (path: string): string => path.replace(running, "")

/** Whether the name of a file says that it is being written. */
export const isRunning = (path: string): boolean => running.test(baseName(path))
