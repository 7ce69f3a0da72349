/**
 * How far the primary had written its log of changes (WAL) at what times, so that what a replica has replayed can be told
 * as a time: an idle primary writes nothing, and its replicas are not behind for that.
 *
 * Times are milliseconds of a clock that never goes back, positions are bytes.
 */
export class WalPositions {
  readonly #noted: Array<{ readonly at: number; readonly position: bigint }> = []
  #since = Number.POSITIVE_INFINITY

  /** `reach` is how far back positions are remembered, in milliseconds. */
  constructor(private readonly reach: number) {}

  /** Notes a position of the primary, and a time just before it was asked for it. */
  note(at: number, position: bigint): void {
    this.#since = Math.min(this.#since, at)
    this.#noted.push({ at, position })
    this.#noted.splice(
      0,
      this.#noted.findIndex((one) => one.at >= at - this.reach)
    )
  }

  /** Forgets all: the primary was lost sight of. */
  clear(): void {
    this.#noted.length = 0
    this.#since = Number.POSITIVE_INFINITY
  }

  /**
   * The last time at which the primary had nothing that a replica lacks; undefined when it is too long ago to be known.
   */
  currentAt(replayed: bigint): number | undefined {
    return this.#noted.findLast(({ position }) => position <= replayed)?.at
  }

  /** Whether positions were noted for as long as they are remembered. */
  isFull(now: number): boolean {
    return now - this.#since > this.reach
  }
}
