/** How many lines are sent at once: about as many as a piece of a body has room for. */
const ENOUGH = 250

/** For how long a line waits for others, in milliseconds. */
const WAIT = 50

/** Lines of NDJSON on their way into a body: together where they come fast, and by themselves where they do not. */
export class HeldLines {
  readonly #encoder = new TextEncoder()
  #lines: Array<string> = []
  #since = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #waited: Promise<undefined> | undefined

  /** Takes a line, without its line break. */
  add(line: string): void {
    if (this.#lines.length === 0) this.#since = performance.now()
    this.#lines.push(`${line}\n`)
  }

  /** Whether there are none. */
  areNone(): boolean {
    return this.#lines.length === 0
  }

  /** Whether there are enough, or the first of them has waited long enough. */
  areDue(): boolean {
    return this.#lines.length >= ENOUGH || (!this.areNone() && performance.now() - this.#since >= WAIT)
  }

  /** Resolves when the first of those that are there has waited long enough, and never when they are taken before. */
  waited(): Promise<undefined> {
    this.#waited ??= new Promise((resolve) => {
      this.#timer = setTimeout(resolve, this.#since + WAIT - performance.now(), undefined)
    })
    return this.#waited
  }

  /** The bytes of all that are there, which then no longer are. */
  take(): Uint8Array {
    const bytes = this.#encoder.encode(this.#lines.join(""))
    this.#lines = []
    this.letGo()
    return bytes
  }

  /** Waits no longer. */
  letGo(): void {
    clearTimeout(this.#timer)
    this.#waited = undefined
  }
}
