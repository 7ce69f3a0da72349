import { type Backup, type BackupId, type BackupRecord, encodeBackup, formatInstant } from "@backup-catalog/core"
import { Option } from "effect"
import type { BrokenLink, Chain } from "../reports/chainOf.ts"
import { backupColumns, colourOfStatus, makeRow } from "./BackupRow.ts"
import { type Column, named } from "./Column.ts"
import type { Shape } from "./Shape.ts"

/** What a backup is to the one that was asked for. */
export type Relation = "ancestor" | "asked" | "descendant"

/** One link of a chain: a backup, or the place where one should be. */
export interface ChainRow {
  readonly relation: Relation
  /** What is drawn before the name. */
  readonly lead: string
  readonly backup: Backup | undefined
  readonly link: BrokenLink | undefined
  readonly now: number
}

interface Branch {
  readonly backup: Backup
  readonly before: string
  readonly turn: string
}

type Children = ReadonlyMap<BackupId, ReadonlyArray<Backup>>

const byAge = (one: Backup, other: Backup): number =>
  one.created < other.created ? -1 : one.created > other.created ? 1 : one.id < other.id ? -1 : 1

const childrenOf = (root: Backup, descendants: ReadonlyArray<Backup>): Children => {
  const known = new Set<BackupId>([root.id, ...descendants.map(({ id }) => id)])
  const children = new Map<BackupId, Array<Backup>>()
  for (const backup of descendants.toSorted(byAge)) {
    // What hangs on nothing that is known hangs on the root, on which the catalog says that it builds.
    const parent = Option.getOrElse(
      Option.filter(backup.parentId, (id) => known.has(id)),
      () => root.id
    )
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [backup])
    else siblings.push(backup)
  }
  return children
}

/** The backups below a root, each once, parents before their children. */
const downwards = (root: Backup, children: Children): ReadonlyArray<Backup> => {
  const order = [root]
  const seen = new Set([root.id])
  for (const backup of order) {
    for (const child of children.get(backup.id) ?? []) {
      if (seen.has(child.id)) continue
      seen.add(child.id)
      order.push(child)
    }
  }
  return order
}

const sizesOf = (order: ReadonlyArray<Backup>, children: Children): ReadonlyMap<BackupId, number> => {
  const sizes = new Map<BackupId, number>()
  for (const backup of order.toReversed()) {
    const below = (children.get(backup.id) ?? []).map(({ id }) => sizes.get(id) ?? 0)
    sizes.set(
      backup.id,
      below.reduce((sum, size) => sum + size, 1)
    )
  }
  return sizes
}

/**
 * The backups below a root with what is drawn before them. The longest branch goes on below its parent without being
 * indented, so that a tree of any depth stays narrow.
 */
const draw = (root: Backup, descendants: ReadonlyArray<Backup>): ReadonlyArray<Branch> => {
  const children = childrenOf(root, descendants)
  const sizes = sizesOf(downwards(root, children), children)
  const drawn: Array<Branch> = []
  const seen = new Set<BackupId>()
  const open: Array<Branch> = [{ backup: root, before: "", turn: "" }]
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    if (seen.has(branch.backup.id)) continue
    seen.add(branch.backup.id)
    drawn.push(branch)
    const { before } = branch
    const [longest, ...others] = (children.get(branch.backup.id) ?? []).toSorted(
      (one, other) => (sizes.get(other.id) ?? 0) - (sizes.get(one.id) ?? 0)
    )
    if (longest === undefined) continue
    open.push({ backup: longest, before, turn: "" })
    for (const backup of others.toSorted(byAge).reverse())
      open.push({ backup, before: `${before}│  `, turn: `${before}├─ ` })
  }
  return drawn
}

/** The rows of a chain, from the top down. */
export const chainRows = ({ backup, ancestors, broken, descendants }: Chain, now: number): ReadonlyArray<ChainRow> => {
  const top = Option.match(broken, {
    onNone: () => [],
    onSome: (link) => [{ relation: "ancestor" as const, lead: "  ", backup: undefined, link, now }]
  })
  const above = ancestors.map((one) => ({
    relation: "ancestor" as const,
    lead: "  ",
    backup: one,
    link: undefined,
    now
  }))
  const below = draw(
    backup,
    Option.getOrElse(descendants, () => [])
  ).map(({ backup: one, before, turn }, index) => ({
    relation: index === 0 ? ("asked" as const) : ("descendant" as const),
    lead: `${index === 0 ? ">" : " "} ${turn === "" ? before : turn}`,
    backup: one,
    link: undefined,
    now
  }))
  return [...top, ...above, ...below]
}

/** Why a row cannot be what others build on; null when it can. */
const problemOf = ({ backup, link }: ChainRow): string | null => {
  if (link !== undefined) return link.kind
  return backup?.status === "COMPLETED" ? null : "not COMPLETED"
}

const nativeIdOf = ({ link }: ChainRow): string | null => (link === undefined ? null : Option.getOrNull(link.nativeId))

const goneOf = ({ link }: ChainRow) => (link === undefined ? null : Option.getOrNull(link.gone))

const idOf = ({ backup, link }: ChainRow): string | null => backup?.id ?? link?.id ?? null

const ofBackup = (name: string): Column<ChainRow> => {
  const [column] = named(backupColumns, name)
  const shown = (show: ((row: ReturnType<typeof makeRow>) => string | number | null) | undefined) => (row: ChainRow) =>
    row.backup === undefined || show === undefined ? null : show(makeRow(row.backup, row.now))
  const value = shown(column?.value)
  const human = column?.human === undefined ? undefined : shown(column.human)
  return human === undefined ? { name, value } : { name, value, human: (row) => human(row) as string | null }
}

const columns: ReadonlyArray<Column<ChainRow>> = [
  {
    name: "name",
    value: ({ backup }) => backup?.name ?? null,
    human: (row) => `${row.lead}${row.backup?.name ?? nativeIdOf(row) ?? "-"}`
  },
  {
    name: "status",
    value: ({ backup }) => backup?.status ?? null,
    human: ({ backup, link }) => backup?.status ?? link?.kind.toUpperCase() ?? null
  },
  ofBackup("created"),
  ofBackup("size"),
  { name: "id", value: idOf },
  { name: "relation", value: ({ relation }) => relation },
  { name: "problem", value: problemOf },
  { name: "native_id", value: nativeIdOf },
  {
    name: "gone_at",
    value: (row) => {
      const gone = goneOf(row)
      return gone === null ? null : formatInstant(gone.at)
    }
  },
  ofBackup("parent_id"),
  ofBackup("instance_id"),
  ofBackup("age"),
  ofBackup("size_bytes")
]

const recordOf = (row: ChainRow) => {
  const gone = goneOf(row)
  const backup: BackupRecord | null = row.backup === undefined ? null : encodeBackup(row.backup)
  return {
    relation: row.relation,
    id: idOf(row),
    problem: problemOf(row),
    native_id: nativeIdOf(row),
    gone: gone === null ? null : { event: gone.event, at: formatInstant(gone.at) },
    backup
  }
}

/** The shape of chains. */
export const chainShape: Shape<ChainRow> = {
  columns,
  table: named(columns, "name", "status", "created", "size", "id"),
  wide: columns,
  vertical: columns,
  flat: columns,
  record: recordOf,
  colour: (name, { backup, relation }) => {
    if (name === "status") return backup === undefined ? "red" : colourOfStatus(backup.status)
    return name === "name" && relation === "asked" ? "bold" : undefined
  },
  room: {
    least: { name: 16 },
    usual: { status: 13, created: 20, size: 8, id: 36 },
    dispensable: ["size", "created"],
    below: "id",
    dispensableAtLast: ["size", "created"]
  }
}
