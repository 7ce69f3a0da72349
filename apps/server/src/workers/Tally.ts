import type { Worker } from "node:cluster"
import { Effect, Option } from "effect"
import { type Counts, onlyGrows, together } from "../metrics/Counts.ts"
import type { FromWorker, ToWorker } from "./messages.ts"

/** How long a worker may take to say what it has counted, in milliseconds. */
const PATIENCE = 1000

/** What a worker had counted when it was last heard of, but for what is of the moment. */
interface Heard {
  readonly counts: Counts
  readonly at: number
}

const lacking = (worker: Worker, { at }: Heard): string =>
  `# Worker ${worker.process.pid} does not answer: here is what it had counted ` +
  `${Math.round((performance.now() - at) / 1000)} s ago, without its gauges.`

/**
 * What the workers of a supervisor have counted since it was started, in the text format of Prometheus. What one that
 * ended had told last stays in it, and so does what one that does not answer had told; both without their gauges.
 */
export class Tally {
  readonly #heard = new Map<Worker, Heard>()
  readonly #asked = new Map<number, (counts: Counts) => void>()
  #last = 0
  #past: Promise<Counts> = Promise.resolve([])

  /** A worker has told what it has counted. */
  hear(worker: Worker, { number, counts }: Extract<FromWorker, { readonly kind: "counted" }>): void {
    this.#heard.set(worker, { counts: counts.filter(onlyGrows), at: performance.now() })
    if (number !== undefined) this.#asked.get(number)?.(counts)
  }

  /** A worker has ended, and nothing more will come from it. */
  end(worker: Worker): void {
    const heard = this.#heard.get(worker)
    if (heard === undefined) return
    this.#heard.delete(worker)
    this.#past = this.#past.then((past) => together([past, heard.counts]).getMetricsAsJSON())
  }

  /** All that was counted until now; workers are waited for no longer than a second. */
  readonly text: Effect.Effect<string> = Effect.suspend(() =>
    // One that has not told anything yet is still starting.
    Effect.forEach([...this.#heard.keys()], (worker) => this.#ask(worker), { concurrency: "unbounded" })
  ).pipe(
    Effect.flatMap((answers) => {
      const answered = new Map(answers.flatMap(Option.toArray))
      const silent = [...this.#heard].filter(([worker]) => !answered.has(worker))
      const counts = [...this.#heard].map(([worker, heard]) => answered.get(worker) ?? heard.counts)
      return Effect.promise(async () => {
        const all = await together([...counts, await this.#past]).metrics()
        return [all, ...silent.map(([worker, heard]) => lacking(worker, heard))].join("\n")
      })
    })
  )

  #ask(worker: Worker) {
    const number = ++this.#last
    return Effect.async<readonly [Worker, Counts]>((resume) => {
      this.#asked.set(number, (counts) => resume(Effect.succeed([worker, counts])))
      if (worker.isConnected()) worker.send({ number, kind: "count" } satisfies ToWorker)
    }).pipe(Effect.timeoutOption(PATIENCE), Effect.ensuring(Effect.sync(() => this.#asked.delete(number))))
  }
}
