import { Order } from "effect"
import type { AccountId, BackupId } from "./Backup.ts"
import type { Instant } from "./Instant.ts"

/** A place in the order of an account's backups: what two backups are compared by (docs/api.md, List). */
export interface Position {
  readonly created: Instant
  readonly id: BackupId
}

// Lifts surrogates above the rest of the plane, which orders UTF-16 units as the code points they stand for.
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000)

/**
 * Compares texts by code point, as the bytes of their UTF-8 forms compare and so as every store compares them;
 * JavaScript's own `<` goes by UTF-16 units and puts U+10000 before U+FFFF.
 */
export const compareText = (a: string, b: string): -1 | 0 | 1 => {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) < rank(y) ? -1 : 1
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}

/**
 * The order of every list: newest `created` first, ties by `id` descending (docs/api.md, List). Total, since ids are
 * unique.
 */
export const BackupOrder: Order.Order<Position> = Order.make((a, b) =>
  a.created === b.created ? compareText(b.id, a.id) : a.created > b.created ? -1 : 1
)

/** A place in the order of a list that spans accounts, where ids may collide. */
export interface PositionAcross extends Position {
  readonly account: AccountId
}

/** The order of a list that spans accounts: as `BackupOrder`, ties by account descending. */
export const BackupOrderAcross: Order.Order<PositionAcross> = Order.make((a, b) => {
  const order = BackupOrder(a, b)
  return order === 0 ? compareText(b.account, a.account) : order
})
