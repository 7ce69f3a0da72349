import { styleText } from "node:util"
import type { BackupStatus } from "@backup-catalog/core"

const colours: Readonly<Record<BackupStatus, "green" | "yellow" | "red">> = {
  NEW: "yellow",
  BUILDING: "yellow",
  SAVING: "yellow",
  COMPLETED: "green",
  RESTORED: "green",
  FAILED: "red",
  DELETE_FAILED: "red"
}

/** The text of a status cell in the colour of the status: green is good, yellow is under way, red is lost. */
export const colourStatus = (status: BackupStatus, text: string): string =>
  styleText(colours[status], text, { validateStream: false })
