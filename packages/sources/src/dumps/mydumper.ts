import type { SourceFile } from "../Importer.ts"
import { plainText } from "../recordText.ts"
import { baseName } from "../sourcePath.ts"
import type { DumpContent } from "./Dump.ts"
import { isData, mydumperLack, tableSchema, viewSchema } from "./mydumperLack.ts"

const schemaFile = /^(.+)-schema-create\.sql(?:\.(?:gz|zst))?$/

const decoder = new TextDecoder()

const textOf = ({ head, tail }: SourceFile): string => `${decoder.decode(head)}\n${decoder.decode(tail)}`

const time = (text: string, what: string): string | undefined =>
  new RegExp(`^(?:# )?${what} dump at: (\\d{4}-\\d{2}-\\d{2} [ \\d]\\d:\\d{2}:\\d{2})`, "m").exec(text)?.[1]

/** Whether a file is one that only folders of mydumper have. */
export const isMydumperMark = ({ path, size, head }: SourceFile): boolean => {
  const name = baseName(path)
  if (name !== "metadata" && name !== "metadata.partial") return false
  return /^(?:# )?Started dump at: /m.test(decoder.decode(head)) || (name === "metadata.partial" && size === 0)
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
  const damaged = files.find(({ problem }) => problem !== undefined)
  const fault =
    damaged === undefined
      ? mydumperLack(metadata, files)
      : `its ${plainText(baseName(damaged.path))} could not be read to its end: ${plainText(damaged.problem ?? "")}`
  return fault === undefined ? undefined : `not whole: ${fault}`
}

/** What the files of a folder of mydumper say, which has `metadata`, and no more `metadata.partial`, once it is finished. */
export const readMydumper = (files: ReadonlyArray<SourceFile>): DumpContent => {
  const finished = files.find(({ path }) => baseName(path) === "metadata")
  const partial = files.find(({ path }) => baseName(path) === "metadata.partial")
  // Where both are there, a later run writes into the folder, or died in it.
  const metadata = partial ?? finished
  const text = metadata === undefined ? "" : textOf(metadata)
  const started = time(text, "Started")
  const ended = time(text, "Finished")
  const databases = files.flatMap(({ path }) => schemaFile.exec(baseName(path))?.[1] ?? []).sort()
  const isFinished = partial === undefined && finished !== undefined && ended !== undefined
  return {
    form: "mydumper",
    databases,
    datastore: datastoreOf(text),
    started: started === undefined ? undefined : { local: started },
    ended: ended === undefined ? undefined : { local: ended },
    stamp: started,
    part: partOf(files),
    failure: isFinished ? faultIn(text, files) : `not finished: ${lackIn(finished, partial)}`
  }
}
