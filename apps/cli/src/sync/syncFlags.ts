import type { Flags } from "@backup-catalog/command-line"
import { settingFlags } from "../settings/Settings.ts"

type OwnFlag = "config" | "only" | "every" | "check" | "print-schema"

const ownFlags: Flags<OwnFlag> = {
  config: {
    value: "FILE",
    file: true,
    help: "The sources. Default: backups.yaml here, else backup-catalog/backups.yaml in XDG_CONFIG_HOME or ~/.config."
  },
  only: { value: "NAME", repeatable: true, help: "Import this source and no other." },
  every: {
    value: "DURATION",
    help: "Keep running, and start an import this often, 10s to 1d. Reads the configuration again each time."
  },
  check: {
    help: "Only say what is wrong with the configuration, and whether its files, folders, programs, profiles and clouds are there."
  },
  "print-schema": { help: "Write the JSON Schema of the configuration, for editors." }
}

/** The options of `backups sync`. */
export const syncFlags = { ...ownFlags, ...settingFlags }

/** The names of these options. */
export type SyncFlagName = keyof typeof syncFlags
