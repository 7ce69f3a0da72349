import type { Fault } from "@backup-catalog/core"
import type { ExitCode } from "../../src/outcomes/ExitCode.ts"

/** The exit code that each fault of a server must end with (README.md, Scripts and cron). */
export const faultCodes: Readonly<Record<Fault["fault"], ExitCode>> = {
  badRequest: 2,
  unauthorized: 3,
  forbidden: 3,
  itemNotFound: 4,
  badMethod: 1,
  preconditionFailed: 1,
  overLimit: 5,
  badMediaType: 1,
  unprocessableEntity: 1,
  instanceFault: 1,
  notImplemented: 1,
  serviceUnavailable: 6
}
