import type { Argument, Flags } from "@backup-catalog/command-line"
import { listed } from "../output/listed.ts"
import { folderTools, LISTED_TOOL, toolNames } from "./tools.ts"

type ImportFlag =
  | "source"
  | "exec"
  | "timeout"
  | "detect"
  | "dry-run"
  | "merge"
  | "snapshot"
  | "allow-empty"
  | "time-zone"
  | "location"
  | "pattern"
  | "mapping"
  | "from-profile"
  | "from-os-cloud"
  | "output"

/** The forms in which the result of an import is written. */
export const importFormats = ["table", "json"] as const

/** The options of an import. */
export const importFlags: Flags<ImportFlag> = {
  source: {
    value: "NAME",
    help: "What the source is called in the catalog: always the same. Default: the tool's name. Two of one tool need two names."
  },
  exec: { help: "Run the tool on this host, and import what it prints." },
  timeout: { value: "DURATION", help: "How long the tool may run, 1s to 1d. Default 5m." },
  detect: { help: "Leave out TOOL: find out whose output or folder it is." },
  "dry-run": { help: "Show what would change, and change nothing." },
  merge: { help: "This is only some of what the source has: retire nothing. The default for records from a pipe." },
  snapshot: { help: "This is all that the source has: retire the rest. The default, except for records from a pipe." },
  "allow-empty": { help: "Retire everything if the source has nothing left. Without it, that is refused." },
  "time-zone": {
    value: "ZONE",
    help:
      "The zone of times that have none: Europe/Berlin, UTC, +05:30. With --exec and no COMMAND, none is " +
      "needed for Borg, and that of this host is the default for the others."
  },
  location: { value: "URL", help: "Where the repository or folder is, for the locations of backups: s3://backups." },
  pattern: { value: "PATTERN", help: "What paths of dumps mean: '{instance}/{database}.sql'." },
  mapping: { value: "FILE", file: true, help: "Rules that rename instances, in YAML or JSON." },
  "from-profile": {
    value: "FILE",
    file: true,
    help: `With ${LISTED_TOOL}: list the server of this profile, in the form that backups login keeps.`
  },
  "from-os-cloud": { value: "NAME", help: `With ${LISTED_TOOL}: list the catalog of this cloud of clouds.yaml.` },
  output: {
    short: "o",
    value: "FORMAT",
    help: "How the result is written: table (a line, and with --dry-run a table), or json. Default table.",
    choices: importFormats
  }
}

/** The names of these options. */
export type ImportFlagName = keyof typeof importFlags

/** Where what is imported is read from. */
export const pathArgument: Argument = {
  name: "PATH",
  file: true,
  help: `What the tool printed, in a file, or - for standard input; for ${listed(folderTools)} the folder of backups.`
}

/** What made the backups that are imported; none with `--detect`. */
export const toolArgument: Argument = {
  name: "TOOL",
  help: `What made the backups: ${toolNames.join(" ")}, where records are lines of JSON as backups list -o ndjson writes them.`,
  choices: toolNames,
  unless: ["detect", pathArgument]
}

/** What `--exec` runs in place of the usual command of the tool. */
export const commandArgument: Argument = {
  name: "COMMAND",
  repeatable: true,
  help: "With --exec: the program to run instead of the tool's usual command, and its arguments. No shell reads them."
}
