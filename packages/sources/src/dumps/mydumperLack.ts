import { baseName } from "../folders/sourcePath.ts"
import type { SourceFile } from "../Importer.ts"
import { plainText } from "../records/recordText.ts"

const packed = String.raw`(?:\.(?:gz|zst))?$`

/** The name of a file in which mydumper writes the structure of a table. */
export const tableSchema = new RegExp(`-schema\\.sql${packed}`)

/** The name of a file in which mydumper writes the structure of a view. */
export const viewSchema = new RegExp(`-schema-view\\.sql${packed}`)

const otherSchema = new RegExp(`-(?:schema-[\\w-]+|placement-policy-create)\\.sql${packed}`)
const dataFile = new RegExp(`\\.(?:sql|dat|csv|json)${packed}`)

/** Whether a name is that of a file with data of a table. */
export const isData = (name: string): boolean =>
  dataFile.test(name) && !tableSchema.test(name) && !otherSchema.test(name)

// No name of MySQL has more than 64 characters.
const heading = /^\[([`"])(.{1,80})\1[._]\1(.{1,80})\1\]$/
const rowCount = /^rows ?= ?([1-9]\d*)$/

/**
 * The tables with rows in a metadata file, which mydumper 0.12 and later writes down, each behind a heading of its own.
 */
const filledTables = (metadata: string): ReadonlySet<string> => {
  const tables = new Set<string>()
  let current: string | undefined
  for (const line of metadata.split(/\r?\n/)) {
    const [, , database, table] = heading.exec(line) ?? []
    if (database !== undefined && table !== undefined) current = `${database}.${table}`
    else if (line.startsWith("[")) current = undefined
    else if (current !== undefined && rowCount.test(line)) tables.add(current)
  }
  return tables
}

// What files call a database or table whose name is none for a file (a dot, a letter of another alphabet), or is such a
// one itself, or all of them where they are to be hidden.
const numbered = /(?:^|\.)mydumper_\d+(?:\.|$)/
const otherThanData = /^metadata(?:\.|$)|-(?:schema(?:-[a-z-]+)?|metadata|checksum)(?:\.sql)?$/
const hidden = /^(?:mydumper_\d+(?:\.|$)){2}/
const namesItself = /^(?:(?!mydumper_)[\w -]+\.){2}$/

const decoder = new TextDecoder()
const loading = /^LOAD DATA (?:LOCAL )?INFILE '([^'\n]+)'/gm
// In front of it there are settings alone.
const LOADING_HEAD = 4_096

/** The files that SQL of data has nothing but the names of, as with `--load-data`. */
const loadedBy = ({ path, head }: SourceFile): ReadonlyArray<string> => {
  if (!isData(baseName(path))) return []
  const start = decoder.decode(head.subarray(0, LOADING_HEAD))
  return [...start.matchAll(loading)].map(([, name = ""]) => baseName(name))
}

const withoutPacking = (name: string): string => name.replace(/(\.(?:dat|csv|json))(?:\.\w+)+$/, "$1")

/** The files with data that SQL loads and that are not there, packed or not. */
const missingFiles = (loaded: ReadonlyArray<string>, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const there = new Set(names.map(withoutPacking))
  return loaded.filter((name) => !there.has(withoutPacking(name))).map((name) => `the data in ${name}`)
}

/**
 * Tables with rows whose data is not among files. Some metadata has their own names where files have numbers: as many
 * of them are there as there are files with numbers that the metadata does not have.
 */
const missingData = (metadata: string, files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  // Whatever is behind that: data may go through a program that puts an ending of its own there.
  const there = new Set(
    files.filter(({ size }) => size > 0).map(({ path }) => baseName(path).split(".").slice(0, 2).join("."))
  )
  const filled = filledTables(metadata)
  const missing = [...filled].filter((table) => !there.has(table))
  const data = [...there].filter((name) => !otherThanData.test(name))
  const renamed = data.filter((name) => numbered.test(name) && !filled.has(name))
  const areHidden = data.every((name) => hidden.test(name))
  const ownNamed = areHidden ? [] : missing.filter((table) => namesItself.test(`${table}.`))
  const others = missing.filter((table) => !ownNamed.includes(table))
  const lacking = others.length - renamed.length
  const gone = renamed.length === 0 ? missing : ownNamed
  const some = `${others.slice(0, 3).join(", ")}${others.length > 3 ? " …" : ""}`
  return [
    ...gone.map((table) => `the data of ${table}`),
    ...(renamed.length > 0 && lacking > 0 ? [`the data of ${lacking} of ${others.length} tables (${some})`] : [])
  ]
}

/**
 * The tables that a file may be of by its name, in which numbers of chunks stand behind that of the table, unless it
 * ends in one itself; none where the file is of no table's data.
 */
const tableNames = (name: string): ReadonlyArray<string> => {
  if (!isData(name)) return []
  const names = [name.replace(dataFile, "")]
  for (let shorter = names[0] ?? ""; /\.\d+$/.test(shorter); names.push(shorter)) {
    shorter = shorter.replace(/\.\d+$/, "")
  }
  return names.filter((table) => table.includes("."))
}

/** Tables whose data is there and whose structure is not, though that of others is. */
const missingSchemas = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const schemas = new Set(names.filter((name) => tableSchema.test(name)).map((name) => name.replace(tableSchema, "")))
  if (schemas.size === 0) return []
  const bare = names
    .map(tableNames)
    .filter((tables) => tables.length > 0 && !tables.some((table) => schemas.has(table)))
  return [...new Set(bare.map((tables) => `the structure of ${tables.at(-1)}`))]
}

const SEMICOLON = 0x3b

/**
 * Whether a file of SQL ends in the middle of a statement, as far as its end was looked at, or a compressed one is
 * empty.
 */
const isCut = ({ path, size, tail }: SourceFile): boolean => {
  const name = baseName(path)
  if (size === 0 && /\.(?:sql|dat|csv|json)\.\w+$/.test(name)) return true
  if (!/\.sql(?:\.gz)?$/.test(name) || !(tableSchema.test(name) || tableNames(name).length > 0)) return false
  // An empty file of data may be one of a table without any.
  if (size === 0) return tableSchema.test(name)
  // A copy that was broken off may have its whole size, and zeros where nothing was written.
  const last = tail.findLast((byte) => byte > 0x20 || byte === 0)
  return last !== undefined && last !== SEMICOLON
}

const some = (what: ReadonlyArray<string>, is: string): string | undefined => {
  const [first, ...others] = what
  if (first === undefined) return undefined
  return plainText(others.length === 0 ? `${first} ${is}` : `${first} and of ${others.length} more ${is}`)
}

/** What shows that a folder of mydumper was copied in part only; undefined where nothing does. */
export const mydumperLack = (metadata: string, files: ReadonlyArray<SourceFile>): string | undefined => {
  const names = files.map(({ path }) => baseName(path))
  if (names.every((name) => name === "metadata")) return "it has nothing but its metadata file"
  const cut = files.find(isCut)
  if (cut !== undefined) return plainText(`its ${baseName(cut.path)} is cut off`)
  const loads = new Map(files.map((file) => [file, loadedBy(file)]))
  const withData = files.filter((file) => loads.get(file)?.length === 0)
  const missing = [...missingData(metadata, withData), ...missingSchemas(names)]
  return some(missing, "is missing") ?? some(missingFiles([...loads.values()].flat(), names), "is missing")
}
