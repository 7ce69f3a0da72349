import { isUtf8 } from "node:buffer"
import type { Dirent, Stats } from "node:fs"
import { lstat, readdir, realpath, stat } from "node:fs/promises"
import type { Problem } from "@backup-catalog/sources"
import { isMissing, systemReason } from "../processes/systemReason.ts"

/** A file of a folder. */
export interface FoundFile {
  /** Below the folder, with `/` between its parts; a byte of a name that is not UTF-8 is written `\xE9`. */
  readonly path: string
  /** Where it is, byte for byte: a name need not be UTF-8. */
  readonly place: Buffer
  readonly size: number
  /** When it was last written to, in milliseconds since 1970. */
  readonly modified: number
}

/** The files of a folder, and what in it could not be looked into. */
export interface FoundFiles {
  readonly files: ReadonlyArray<FoundFile>
  readonly problems: ReadonlyArray<Problem>
}

/** A folder holds more files than are read. */
export class TooManyFiles extends Error {}

type Entry = Dirent<Buffer>

interface Folder {
  readonly path: string
  readonly place: Buffer
  /** Whether it was come to by a link, and so may have been elsewhere, too. */
  readonly isLinked: boolean
}

const SLASH = Buffer.from("/")

const CLOSED = "cannot be looked into"

// A path in which each byte is one character, so that those of two names are never the same.
const BYTES = "latin1"

// The years 0 to 9999: other times of files are nobody's, and no record can hold them.
const FIRST_TIME = -62_167_219_200_000
const LAST_TIME = 253_402_300_799_999

/** A name as text. With one sign for every byte that is no UTF-8, two names would be one. */
const textOf = (name: Buffer): string =>
  isUtf8(name)
    ? name.toString("utf8")
    : Array.from(name, (byte) =>
        byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase()}`
      ).join("")

const isWithin = (place: string, folder: string): boolean => `${place}/`.startsWith(folder === "/" ? "/" : `${folder}/`)

const timeOf = ({ mtimeMs }: Stats): number => Math.min(Math.max(Math.trunc(mtimeMs), FIRST_TIME), LAST_TIME)

/** The walk through a folder, in the order of the bytes of names, so that it is the same every time. */
class Walk {
  readonly files: Array<FoundFile> = []
  readonly problems: Array<Problem> = []
  readonly #root: string
  readonly #most: number
  readonly #folders: Array<Folder> = []
  // What was come to by links: files by where they are, folders by what they are.
  readonly #linkedFiles = new Set<string>()
  readonly #linkedFolders = new Set<string>()

  constructor(root: string, most: number) {
    this.#root = root
    this.#most = most
    this.#folders.push({ path: "", place: Buffer.from(root, BYTES), isLinked: false })
  }

  async run(): Promise<FoundFiles> {
    for (let folder = this.#folders.pop(); folder !== undefined; folder = this.#folders.pop()) {
      await this.#look(folder)
    }
    return { files: this.files, problems: this.problems }
  }

  #report({ path }: Folder, what: string, error: unknown): void {
    this.problems.push({ place: path, message: `${what} (${systemReason(error)}), so backups may be missing` })
  }

  async #look(folder: Folder): Promise<void> {
    let entries: ReadonlyArray<Entry>
    try {
      if (folder.isLinked && (await this.#wasSeen(folder))) return
      entries = await readdir(folder.place, { withFileTypes: true, encoding: "buffer" })
    } catch (error) {
      if (folder.path === "") throw error
      if (!isMissing(error)) this.#report(folder, CLOSED, error)
      return
    }
    const folders: Array<Folder> = []
    for (const entry of entries.toSorted((one, other) => Buffer.compare(one.name, other.name))) {
      const inner = await this.#take(entry, folder)
      if (inner !== undefined) folders.push(inner)
    }
    this.#folders.push(...folders.reverse())
  }

  async #wasSeen({ place }: Folder): Promise<boolean> {
    const { dev, ino } = await stat(place, { bigint: true })
    const key = `${dev}:${ino}`
    const seen = this.#linkedFolders.has(key)
    this.#linkedFolders.add(key)
    return seen
  }

  /** Takes an entry of a folder; the folder that it is, if it is one. */
  async #take(entry: Entry, folder: Folder): Promise<Folder | undefined> {
    const name = textOf(entry.name)
    const inner: Folder = {
      path: folder.path === "" ? name : `${folder.path}/${name}`,
      place: Buffer.concat([folder.place, SLASH, entry.name]),
      isLinked: folder.isLinked
    }
    // What fsck of ext2 to ext4 keeps; only the superuser may look into it.
    if (entry.isDirectory()) return inner.path === "lost+found" ? undefined : inner
    if (entry.isSymbolicLink()) return this.#follow(inner)
    if (!entry.isFile()) return undefined
    try {
      this.#add(inner, await lstat(inner.place))
    } catch (error) {
      if (error instanceof TooManyFiles) throw error
      if (!isMissing(error)) this.#report(inner, CLOSED, error)
    }
    return undefined
  }

  /** Follows a link that leads out of the folder; what lies in it is found without. */
  async #follow(link: Folder): Promise<Folder | undefined> {
    let target: string
    let stats: Stats
    try {
      target = await realpath(link.place, BYTES)
      stats = await stat(link.place)
    } catch (error) {
      // It may lead to a folder of backups that is not mounted.
      this.#report(link, "is a link that cannot be followed", error)
      return undefined
    }
    if (isWithin(target, this.#root) || isWithin(this.#root, target)) return undefined
    if (stats.isDirectory()) return { ...link, isLinked: true }
    if (!stats.isFile() || this.#linkedFiles.has(target)) return undefined
    this.#linkedFiles.add(target)
    this.#add(link, stats)
    return undefined
  }

  #add({ path, place }: Folder, stats: Stats): void {
    if (this.files.length >= this.#most) throw new TooManyFiles()
    this.files.push({ path, place, size: stats.size, modified: timeOf(stats) })
  }
}

/**
 * All files of a folder and the folders below it, at most so many, in the order of their names, those of a folder before
 * those of the folders in it. Links are followed where they lead out of the folder, to each place once; sockets, pipes and
 * devices are passed over, and so is what vanishes meanwhile.
 *
 * Throws where the folder itself cannot be looked into.
 */
export const walkFolder = async (root: string, most: number): Promise<FoundFiles> =>
  new Walk(await realpath(root, BYTES), most).run()
