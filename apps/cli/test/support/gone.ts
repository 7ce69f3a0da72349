import { readFileSync } from "node:fs"
import { eventually } from "../../../../testing/eventually.ts"

/** Waits until a process has ended; one that does not is killed, and is a failure. */
export const gone = (pid: number): Promise<unknown> =>
  eventually(`process ${pid} has ended`, (see) => {
    try {
      process.kill(pid, 0)
      // One that has ended and that nobody has waited for yet is still there.
      return /\) Z /.test(see(readFileSync(`/proc/${pid}/stat`, "utf8")))
    } catch {
      return true
    }
  }).catch((error) => {
    process.kill(pid, "SIGKILL")
    throw error
  })
