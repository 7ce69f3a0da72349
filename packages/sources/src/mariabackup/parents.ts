import type { Instant } from "@backup-catalog/core"
import { optionOf, plainPath } from "./toolCommand.ts"

const serverPaths = ["defaults-file", "datadir"]
// Without blanks: what is behind one is a folder.
const serverNames = ["defaults-group", "host", "port", "socket"]

/** What a command says of where a backup was made, and what on. */
export interface CommandPaths {
  readonly target: string | undefined
  readonly basedir: string | undefined
  readonly parentUuid: string | undefined
  /** The name in the history of backups that the server keeps. */
  readonly parentName: string | undefined
  /** What it says of the server that it reads from: two backups of one server say the same, as a rule. */
  readonly server: string | undefined
}

/**
 * What `tool_command` says, as far as chains are found by it; nothing where it is undefined, since it cannot be read.
 */
export const commandPaths = (written: string | undefined): CommandPaths => {
  const command = written ?? ""
  const pathOf = (option: string): string | undefined => {
    const path = optionOf(command, option)
    return path === undefined ? undefined : plainPath(path)
  }
  return {
    target: pathOf("target-dir"),
    basedir: pathOf("incremental-basedir"),
    parentUuid: optionOf(command, "incremental-history-uuid")?.toLowerCase(),
    parentName: optionOf(command, "incremental-history-name"),
    server:
      written === undefined
        ? undefined
        : JSON.stringify([
            ...serverPaths.map((option) => optionOf(command, option) ?? null),
            ...serverNames.map((option) => optionOf(command, option)?.split(" ", 1)[0] ?? null)
          ])
  }
}

/** What the chain of a backup is found by. */
export interface Link {
  /** The path of its folder. */
  readonly path: string
  readonly uuid: string | undefined
  /** Its name in the history of backups that the server keeps. */
  readonly name: string | undefined
  /** Whether it is not of all tables. */
  readonly partial: boolean
  readonly instance: string | undefined
  readonly command: CommandPaths
  readonly incremental: boolean
  readonly fromLsn: bigint | undefined
  readonly toLsn: bigint | undefined
  /** Whether an increment can be on it. */
  readonly finished: boolean
  readonly started: Instant
}

/** The parent of an increment: a backup of the inventory, or what is known of one that is not in it. */
export type Parent<L extends Link> =
  | { readonly found: L }
  | { readonly missingUuid: string }
  | { readonly missing: string }

const newest = <L extends Link>(links: ReadonlyArray<L>): L | undefined =>
  links.reduce<L | undefined>(
    (best, link) => (best === undefined || link.started > best.started ? link : best),
    undefined
  )

/** Of several that could be the parent the last one before the child; one alone is it whatever the clocks said. */
const choose = <L extends Link>(links: ReadonlyArray<L>, child: Link): L | undefined =>
  links.length <= 1 ? links[0] : newest(links.filter(({ started }) => started <= child.started))

const isAt = (link: Link, child: Link, basedir: string, location: string | undefined): boolean => {
  // Several servers may have their backups made into the same folder, each on its own disk.
  if (link.command.target === basedir && link.instance === child.instance) return true
  if (link.path === "") return location !== undefined && plainPath(location) === basedir
  return basedir === link.path || basedir.endsWith(`/${link.path}`)
}

/** Of the same server, as far as that can be told: a log sequence number means something only within one. */
const ofSameServer = <L extends Link>(child: Link, fitting: ReadonlyArray<L>): ReadonlyArray<L> => {
  const { server } = child.command
  const perhaps = fitting.filter(
    (link) => link.toLsn !== undefined && link.instance === child.instance && (child.partial || !link.partial)
  )
  if (server === undefined) return perhaps
  const surely = perhaps.filter((link) => link.command.server === server)
  return surely.length > 0 ? surely : perhaps.filter((link) => link.command.server === undefined)
}

/** By log sequence number alone, which an idle server has twice. */
const lastBefore = <L extends Link>(child: Link, fitting: ReadonlyArray<L>): L | undefined =>
  newest(
    ofSameServer(
      child,
      fitting.filter((link) => link.started < child.started)
    )
  )

/** By the name in the history of the server. */
const lastNamed = <L extends Link>(child: Link, fitting: ReadonlyArray<L>, name: string): L | undefined =>
  choose(
    ofSameServer(
      child,
      fitting.filter((link) => link.name === name)
    ),
    child
  )

/** By the folder: one of the same instance first, as two servers may have folders of one name. */
const inFolder = <L extends Link>(
  child: Link,
  fitting: ReadonlyArray<L>,
  basedir: string,
  location: string | undefined
): L | undefined => {
  const there = fitting.filter((link) => isAt(link, child, basedir, location))
  const own = there.filter((link) => link.instance === child.instance)
  return choose(own, child) ?? choose(there, child)
}

/**
 * Finds what an increment was made on: the backup whose UUID its command names, else the one in the folder that its
 * command names, or the one of the name that it names, if the log sequence numbers agree, else the last one before it
 * that ends where it begins. It finds undefined for a full backup.
 */
export const parentFinder = <L extends Link>(
  links: ReadonlyArray<L>,
  location: string | undefined
): ((child: Link) => Parent<L> | undefined) => {
  const finished = links.filter((link) => link.finished)
  const byEnd = new Map<bigint | undefined, Array<L>>(finished.map(({ toLsn }) => [toLsn, []]))
  for (const link of finished) byEnd.get(link.toLsn)?.push(link)
  const byUuid = new Map(links.map((link) => [link.uuid, link]))
  const namedBy = (uuid: string): Parent<L> => {
    const found = byUuid.get(uuid)
    return found === undefined ? { missingUuid: uuid } : { found }
  }
  const endingAt = (lsn: bigint | undefined): ReadonlyArray<L> =>
    lsn === undefined ? finished : [...(byEnd.get(lsn) ?? []), ...(byEnd.get(undefined) ?? [])]
  return (child) => {
    if (!child.incremental) return undefined
    const { parentUuid, parentName, basedir } = child.command
    if (parentUuid !== undefined) return namedBy(parentUuid)
    const fitting = endingAt(child.fromLsn).filter(({ path }) => path !== child.path)
    const found =
      (basedir === undefined ? undefined : inFolder(child, fitting, basedir, location)) ??
      (parentName === undefined ? undefined : lastNamed(child, fitting, parentName)) ??
      (child.fromLsn === undefined ? undefined : lastBefore(child, fitting))
    if (found !== undefined) return { found }
    return { missing: basedir ?? (child.fromLsn === undefined ? "an unknown backup" : `to_lsn ${child.fromLsn}`) }
  }
}
