import { isUtf8 } from "node:buffer"
import type { Dirent, Stats } from "node:fs"
import { lstat, readdir, realpath, stat } from "node:fs/promises"
import { systemReason } from "@backup-catalog/command-line"
import type { Problem } from "@backup-catalog/sources"
import { isMissing } from "../processes/isMissing.ts"

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
}

/** A link that leads out of the folder. */
interface Link {
  readonly path: string
  /** Where it leads, without any other link in that. */
  readonly target: string
  readonly stats: Stats
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

const byTarget = ({ target: one }: Link, { target: other }: Link): number => (one < other ? -1 : one > other ? 1 : 0)

/** The walk through a folder, in the order of the bytes of names, so that it is the same every time. */
class Walk {
  readonly files: Array<FoundFile> = []
  readonly problems: Array<Problem> = []
  readonly #root: string
  readonly #most: number
  readonly #folders: Array<Folder> = []
  #links: Array<Link> = []
  // The folder itself, and what links led to.
  readonly #known = new Set<string>()
  // What could not be looked into: only a link leads to what lies in it.
  readonly #closed = new Set<string>()

  constructor(root: string, most: number) {
    this.#root = root
    this.#most = most
    this.#known.add(root)
    this.#folders.push({ path: "", place: Buffer.from(root, BYTES) })
  }

  async run(): Promise<FoundFiles> {
    await this.#lookAll()
    while (this.#links.length > 0) {
      const links = this.#links
      this.#links = []
      // A folder comes before what lies in it, which then has the path that it has there.
      for (const link of links.sort(byTarget)) await this.#follow(link)
    }
    return { files: this.files, problems: this.problems }
  }

  #report({ path }: Folder, what: string, error: unknown): void {
    this.problems.push({ place: path, message: `${what} (${systemReason(error)})` })
  }

  async #lookAll(): Promise<void> {
    for (let folder = this.#folders.pop(); folder !== undefined; folder = this.#folders.pop()) await this.#look(folder)
  }

  async #look(folder: Folder): Promise<void> {
    let entries: ReadonlyArray<Entry>
    try {
      entries = await readdir(folder.place, { withFileTypes: true, encoding: "buffer" })
    } catch (error) {
      if (folder.path === "") throw error
      this.#closed.add(folder.place.toString(BYTES))
      if (!isMissing(error)) this.#report(folder, CLOSED, error)
      return
    }
    const folders: Array<Folder> = []
    for (const entry of entries.toSorted((one, other) => Buffer.compare(one.name, other.name))) {
      const inner = await this.#take(entry, folder)
      if (inner !== undefined) folders.push(inner)
    }
    for (const inner of folders.reverse()) this.#folders.push(inner)
  }

  /** Takes an entry of a folder; the folder that it is, if it is one. */
  async #take(entry: Entry, folder: Folder): Promise<Folder | undefined> {
    const name = textOf(entry.name)
    const inner: Folder = {
      path: folder.path === "" ? name : `${folder.path}/${name}`,
      place: Buffer.concat([folder.place, SLASH, entry.name])
    }
    if (this.#known.has(inner.place.toString(BYTES))) return undefined
    // What fsck of ext2 to ext4 keeps; only the superuser may look into it.
    if (entry.isDirectory()) return inner.path === "lost+found" ? undefined : inner
    try {
      if (entry.isSymbolicLink()) await this.#resolve(inner)
      else if (entry.isFile()) this.#add(inner, await lstat(inner.place))
    } catch (error) {
      if (error instanceof TooManyFiles) throw error
      if (!isMissing(error)) this.#report(inner, CLOSED, error)
    }
    return undefined
  }

  /** Keeps a link that leads out of the folder; what lies in it is found without. */
  async #resolve(link: Folder): Promise<void> {
    try {
      const target = await realpath(link.place, BYTES)
      const stats = await stat(link.place)
      if (isWithin(target, this.#root) || isWithin(this.#root, target)) return
      this.#links.push({ path: link.path, target, stats })
    } catch (error) {
      // It may lead to a folder of backups that is not mounted.
      this.#report(link, "is a link that cannot be followed", error)
    }
  }

  /** Follows a link, unless another one has led to the same place or to a folder around it. */
  async #follow({ path, target, stats }: Link): Promise<void> {
    if (this.#isKnown(target)) return
    const found: Folder = { path, place: Buffer.from(target, BYTES) }
    this.#known.add(target)
    if (stats.isFile()) this.#add(found, stats)
    if (!stats.isDirectory()) return
    this.#folders.push(found)
    await this.#lookAll()
  }

  #isKnown(target: string): boolean {
    for (let place = target; place !== ""; place = place.slice(0, place.lastIndexOf("/"))) {
      if (this.#closed.has(place)) return place === target
      if (this.#known.has(place)) return true
    }
    return false
  }

  #add({ path, place }: Folder, stats: Stats): void {
    if (this.files.length >= this.#most) throw new TooManyFiles()
    this.files.push({ path, place, size: stats.size, modified: timeOf(stats) })
  }
}

/**
 * All files of a folder and the folders below it, at most so many, in the order of their names, those of a folder
 * before those of the folders in it. Links are followed after that, in the order of where they lead, and only out of
 * the folder and to where no other link has led; sockets, pipes and devices are passed over, and so is what vanishes
 * meanwhile.
 *
 * Throws where the folder itself cannot be looked into.
 */
export const walkFolder = async (root: string, most: number): Promise<FoundFiles> =>
  new Walk(await realpath(root, BYTES), most).run()
