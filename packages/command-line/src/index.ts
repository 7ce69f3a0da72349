export type { Argument, Command, Flag, Flags, Program } from "./Command.ts"
export { commandHelp, programHelp } from "./help.ts"
export type { Input, Setting } from "./Input.ts"
export { flagsOf, type Invocation, type Refusal, readArguments, rootFlagsOf, type Variables } from "./readArguments.ts"
