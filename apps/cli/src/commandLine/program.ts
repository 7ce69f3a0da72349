import type { Program } from "@backup-catalog/command-line"
import { settingFlags } from "../settings/Settings.ts"
import type { Command } from "./Command.ts"

/** This program, as its help and the reader of its command line need to know it. */
export const program: Program<Command> = {
  name: "backups",
  summary: "One list of every backup of an account.",
  flags: settingFlags,
  takesThem: ({ kind }) => kind === "catalog"
}
