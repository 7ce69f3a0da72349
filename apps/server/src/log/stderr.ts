import { constants, fstatSync, openSync, writeSync } from "node:fs"

/**
 * stderr, such that writing does not wait where it is a pipe: a write that waits in a thread for somebody to read keeps
 * the process from ending. A pipe is opened anew, since others who write into it may want to wait.
 */
export const openStderr = (): number => {
  const stats = fstatSync(2)
  if (!stats.isFIFO() && !stats.isSocket()) return 2
  try {
    if (stats.isFIFO()) return openSync("/dev/stderr", constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    // It may belong to another user, or have no reader any more.
  }
  // Node sees to it when it is first looked at.
  void process.stderr
  return 2
}

/** Writes a text at once; as much of it as there is room for, where nobody waits. */
export const writeAll = (fd: number, text: string): void => {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest))
}
