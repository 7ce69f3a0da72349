import type { ImportTask } from "./ImportTask.ts"

/** How far an import is; whoever carries it out keeps this up to date. */
export class ImportProgress {
  phase: "reading" | "sending" | "sent" = "reading"
  /** How many `unit` were handed over. */
  sent = 0
  /** How many there are, where that is known. */
  total: number | undefined
  unit: "records" | "bytes" = "records"
}

/** What is to be known by whoever interrupts an import where it is. */
export const interruptedAt = ({ phase }: ImportProgress, { source, mode, dryRun }: ImportTask): string => {
  if (dryRun) return `${source}: interrupted, and nothing was changed.`
  if (phase === "reading") return `${source}: interrupted before anything was sent; nothing was imported.`
  if (phase === "sending") return `${source}: interrupted; what was sent stays, and nothing was retired. Import again.`
  return mode === "merge"
    ? `${source}: interrupted when everything was sent; it may well be imported.`
    : `${source}: interrupted when everything was sent, so backups may have been retired; import again to know.`
}
