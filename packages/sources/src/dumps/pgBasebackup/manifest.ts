import { type Instant, parseInstant } from "@backup-catalog/core"
import type { DumpTime } from "../Dump.ts"

const decoder = new TextDecoder()

/** A file as a manifest lists it. */
export interface ListedFile {
  /** In the data directory, as JSON has it. */
  readonly path: string
  readonly size: number
}

/** What backup_manifest says; times in it are in GMT. */
export interface Manifest {
  readonly checksum: string | undefined
  readonly system: string | undefined
  readonly labelWritten: Instant | undefined
  readonly lastWritten: Instant | undefined
  /** All files but WAL. */
  readonly files: ReadonlyArray<ListedFile>
}

const gmt = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : parseInstant(`${text}Z`)

const listedFile = /"Path": "((?:[^"\\]|\\.)+)", "Size": (\d+)/g
const encodedPath = /"Encoded-Path": "((?:[0-9a-f]{2})+)"/g

/** A manifest with every path as text: one that is no UTF-8 is encoded, and with `--manifest-force-encode` all are. */
const withTexts = (manifest: string): string =>
  manifest.replace(encodedPath, (_, hex: string) => {
    const path = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
    return `"Path": ${JSON.stringify(decoder.decode(path))}`
  })

/** Reads the beginning and the end of a backup_manifest, which may be all of it. */
export const readManifest = (start: string, tail: string): Manifest => {
  const head = withTexts(start)
  const times = [...`${head}\n${tail}`.matchAll(/"Last-Modified": "(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) GMT"/g)]
  const latest = times.reduce((last, [, time = ""]) => (time > last ? time : last), "")
  return {
    checksum: /"Manifest-Checksum":\s*"([0-9a-f]{64})"\s*\}\s*$/i.exec(tail)?.[1],
    system: /"System-Identifier":\s*"?(\d+)/.exec(head)?.[1],
    labelWritten: gmt(/"Path": "backup_label",[^}]{0,100}"Last-Modified": "([^"]+) GMT"/.exec(head)?.[1]),
    lastWritten: latest === "" ? undefined : gmt(latest),
    files: Array.from(head.matchAll(listedFile), ([, path = "", size]) => ({ path, size: Number(size) }))
  }
}

/** The end of a backup, which is whole: its manifest is written last. */
export const endOf = (manifest: Manifest | undefined, failure: string | undefined): DumpTime | undefined =>
  failure === undefined && manifest?.lastWritten !== undefined ? { instant: manifest.lastWritten } : undefined
