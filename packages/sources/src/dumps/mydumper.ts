import { notFinished } from "../folders/notFinished.ts"
import { baseName } from "../folders/sourcePath.ts"
import { unfinishedCopy, wholePath } from "../folders/unfinishedCopy.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"
import type { DumpContent } from "./Dump.ts"
import { isData, mydumperLack, tableSchema, viewSchema } from "./mydumperLack.ts"

const schemaFile = /^(.+)-schema-create\.sql(?:\.(?:gz|zst))?$/

// Files of a database, and of a table in it, whose names have a dot between them. Behind those of SQL and of data there
// may be the ending of any program that they went through.
const ownFile =
  /^metadata(?:\.(?:partial|header)(?:\.\d+)?)?$|^.+(?:-(?:schema-[a-z-]+|placement-policy-create)\.sql|\..+\.(?:sql|dat|csv|json)|-(?:metadata|checksum))(?:\.\w+)*$/

/** Whether a file is named as those that mydumper writes, also while it is being copied. */
export const isMydumperPart = (path: string): boolean => ownFile.test(baseName(wholePath(path)))

const decoder = new TextDecoder()

// Where the end is looked at by itself it begins anywhere, and what it begins with is of no heading in front of it.
const textOf = ({ size, head, tail }: SourceFile): string =>
  decoder.decode(head) + (size > head.length ? `\n[…]\n${decoder.decode(tail)}` : "")

const timesOf = (text: string, what: string): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`^(?:# )?${what} dump at: (\\d{4}-\\d{2}-\\d{2} [ \\d]\\d:\\d{2}:\\d{2})`, "gm"))].map(
    ([, time = ""]) => time
  )

/** What metadata of a stream begins with, which myloader makes into files again. */
const HEADER = "metadata.header"

/** Whether a file is one that only folders of mydumper have. */
export const isMydumperMark = ({ path, size, head, tail }: SourceFile): boolean => {
  const name = baseName(path)
  if (name !== "metadata" && name !== "metadata.partial" && name !== HEADER) return false
  if (name === "metadata.partial" && size === 0) return true
  const marked = /^(?:# )?(?:Started|Finished) dump at: /m
  return marked.test(decoder.decode(head)) || marked.test(decoder.decode(tail))
}

// A transaction id of MariaDB has three numbers, one of MySQL the UUID of a server.
const datastoreOf = (metadata: string): DumpContent["datastore"] => {
  const id =
    /^[ \t]*(?:GTID[ \t]*:|(?:executed_gtid_set|gtid)[ \t]*=)[ \t]*"?(\S+?)"?[ \t]*\r?$/im.exec(metadata)?.[1] ?? ""
  if (/^\d+-\d+-\d+/.test(id)) return { type: "MariaDB" }
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}:/i.test(id) ? { type: "MySQL" } : undefined
}

/** What a dump has where it surely is no whole one; one of which all tables are empty looks like one of the schema. */
const partOf = (files: ReadonlyArray<SourceFile>): string | undefined => {
  const names = files.map(({ path }) => baseName(path))
  // A view has the file of a table, too.
  const views = new Set(names.filter((name) => viewSchema.test(name)).map((name) => name.replace(viewSchema, "")))
  const hasTables = names.some((name) => tableSchema.test(name) && !views.has(name.replace(tableSchema, "")))
  const hasData = names.some(isData)
  if (hasTables === hasData) return undefined
  return hasTables ? "the schema" : "the data"
}

const lackIn = (finished: SourceFile | undefined, partial: SourceFile | undefined): string => {
  if (finished === undefined) return "it has no metadata file"
  return partial === undefined
    ? "its metadata file does not say when it finished"
    : "beside its metadata file there is the metadata.partial of another run"
}

const faultIn = (metadata: string, files: ReadonlyArray<SourceFile>): string | undefined => {
  const unfinished = unfinishedCopy(files)
  if (unfinished !== undefined) return notFinished(unfinished)
  // What was left over of a copy that was broken off, and made again, is nothing to the dump.
  const finished = files.filter(({ path }) => wholePath(path) === path)
  const damaged = finished.find(({ problem }) => problem !== undefined)
  const fault =
    damaged === undefined
      ? mydumperLack(metadata, finished)
      : `its ${plainText(baseName(damaged.path))} could not be read to its end: ${plainText(damaged.problem ?? "")}`
  return fault === undefined ? undefined : `not whole: ${fault}`
}

/**
 * What the files of a folder of mydumper say, which has `metadata`, and no more `metadata.partial`, once it is
 * finished.
 */
export const readMydumper = (files: ReadonlyArray<SourceFile>): DumpContent => {
  const finished = files.find(({ path }) => baseName(path) === "metadata")
  const partial = files.find(({ path }) => baseName(path) === "metadata.partial")
  // Where both are there, a later run writes into the folder, or died in it.
  const metadata = partial ?? finished
  const header = files.find(({ path }) => baseName(path) === HEADER)
  const text = [header, metadata].map((file) => (file === undefined ? "" : textOf(file))).join("\n")
  // Where runs were merged into one folder, it has the times of all of them.
  const started = timesOf(text, "Started")[0]
  const ended = timesOf(text, "Finished").at(-1)
  const databases = files.flatMap(({ path }) => schemaFile.exec(baseName(path))?.[1] ?? []).sort()
  const isFinished = partial === undefined && finished !== undefined && ended !== undefined
  return {
    form: "mydumper",
    databases,
    datastore: datastoreOf(text),
    started: started === undefined ? undefined : { local: started },
    ended: ended === undefined ? undefined : { local: ended },
    stamp: started ?? ended,
    part: partOf(files),
    failure: isFinished ? faultIn(text, files) : notFinished(lackIn(finished, partial))
  }
}
