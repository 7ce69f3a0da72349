import { type Backup, type BackupId, BackupOrder, formatInstant, grouped } from "@backup-catalog/core"
import { Option, Order } from "effect"
import type { BrokenLink, Chain } from "../reports/chainOf.ts"
import { type BackupRow, backupColumns, colourOfStatus, makeRow } from "./BackupRow.ts"
import { type Column, named } from "./Column.ts"
import type { Shape } from "./Shape.ts"

/** What a backup is to the one that was asked for. */
export type Relation = "ancestor" | "asked" | "descendant"

/** One link of a chain: a backup, or the place where one should be. */
export interface ChainRow {
  readonly relation: Relation
  /** What is drawn before the name. */
  readonly lead: string
  readonly backupRow: BackupRow | undefined
  readonly link: BrokenLink | undefined
}

interface Branch {
  readonly backup: Backup
  readonly before: string
  readonly turn: string
}

type Children = ReadonlyMap<BackupId, ReadonlyArray<Backup>>

const childrenOf = (root: Backup, descendants: ReadonlyArray<Backup>): Children => {
  const known = new Set<BackupId>([root.id, ...descendants.map(({ id }) => id)])
  // What hangs on nothing that is known hangs on the root, on which the catalog says that it builds.
  return grouped(descendants.toSorted(Order.reverse(BackupOrder)), ({ parentId }) =>
    Option.getOrElse(
      Option.filter(parentId, (id) => known.has(id)),
      () => root.id
    )
  )
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
    for (const backup of others.toSorted(BackupOrder))
      open.push({ backup, before: `${before}│  `, turn: `${before}├─ ` })
  }
  return drawn
}

/** The rows of a chain, from the top down. */
export const chainRows = ({ backup, ancestors, broken, descendants }: Chain, now: number): ReadonlyArray<ChainRow> => {
  const top = Option.match(broken, {
    onNone: () => [],
    onSome: (link) => [{ relation: "ancestor" as const, lead: "  ", backupRow: undefined, link }]
  })
  const above = ancestors.map((one) => ({
    relation: "ancestor" as const,
    lead: "  ",
    backupRow: makeRow(one, now),
    link: undefined
  }))
  const below = draw(
    backup,
    Option.getOrElse(descendants, () => [])
  ).map(({ backup: one, before, turn }, index) => ({
    relation: index === 0 ? ("asked" as const) : ("descendant" as const),
    lead: `${index === 0 ? ">" : " "} ${turn === "" ? before : turn}`,
    backupRow: makeRow(one, now),
    link: undefined
  }))
  return [...top, ...above, ...below]
}

/** Why a row cannot be what others build on; null when it can. */
const problemOf = ({ backupRow, link }: ChainRow): string | null => {
  if (link !== undefined) return link.kind
  return backupRow?.backup.status === "COMPLETED" ? null : "not COMPLETED"
}

const nativeIdOf = ({ link }: ChainRow): string | null => (link === undefined ? null : Option.getOrNull(link.nativeId))

const goneOf = ({ link }: ChainRow) => (link === undefined ? null : Option.getOrNull(link.gone))

const idOf = ({ backupRow, link }: ChainRow): string | null => backupRow?.backup.id ?? link?.id ?? null

const ofBackup = (...names: ReadonlyArray<string>): ReadonlyArray<Column<ChainRow>> =>
  named(backupColumns, ...names).map(({ name, value, human }) => {
    const shown =
      <Text>(show: (row: BackupRow) => Text) =>
      ({ backupRow }: ChainRow) =>
        backupRow === undefined ? null : show(backupRow)
    return { name, value: shown(value), ...(human === undefined ? {} : { human: shown(human) }) }
  })

const columns: ReadonlyArray<Column<ChainRow>> = [
  {
    name: "name",
    value: ({ backupRow }) => backupRow?.backup.name ?? null,
    human: (row) => `${row.lead}${row.backupRow?.backup.name ?? nativeIdOf(row) ?? "-"}`
  },
  {
    name: "status",
    value: ({ backupRow }) => backupRow?.backup.status ?? null,
    human: ({ backupRow, link }) => backupRow?.backup.status ?? link?.kind.toUpperCase() ?? null
  },
  ...ofBackup("created", "size"),
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
  ...ofBackup("parent_id", "instance_id", "age", "size_bytes")
]

const recordOf = (row: ChainRow) => {
  const gone = goneOf(row)
  return {
    relation: row.relation,
    id: idOf(row),
    problem: problemOf(row),
    native_id: nativeIdOf(row),
    gone: gone === null ? null : { event: gone.event, at: formatInstant(gone.at) },
    backup: row.backupRow?.record ?? null
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
  colour: (name, { backupRow, relation }) => {
    if (name === "status") return backupRow === undefined ? "red" : colourOfStatus(backupRow.backup.status)
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
