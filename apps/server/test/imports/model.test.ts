import { FastCheck as fc } from "effect"
import { assert, describe, it, onTestFinished } from "vitest"
import { broken, type ImportServer, lines, record, startImportServer } from "./support/ImportServer.ts"
import { Upload } from "./support/Upload.ts"

const SEED = 20_260_103
const SEQUENCES = 60

const ids = ["a", "b", "c", "d", "e"] as const
const sources = ["one", "two"] as const

interface Line {
  readonly id: string
  readonly name: string
  readonly suspect: string | null
  /** Whether it is no record, or cannot be read at all. */
  readonly wrong: "record" | "line" | undefined
}

type Step =
  | {
      readonly kind: "import"
      readonly source: string
      readonly mode: "snapshot" | "merge"
      readonly end: "whole" | "dry" | "cut"
      readonly allowEmpty: boolean
      readonly lines: ReadonlyArray<Line>
    }
  | { readonly kind: "put"; readonly id: string; readonly name: string }
  | { readonly kind: "delete"; readonly id: string }

const line: fc.Arbitrary<Line> = fc.record({
  id: fc.constantFrom(...ids),
  name: fc.constantFrom("x", "y"),
  suspect: fc.constantFrom(null, null, "odd"),
  wrong: fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constant("record" as const) },
    { weight: 1, arbitrary: fc.constant("line" as const) }
  )
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("import" as const),
      source: fc.constantFrom(...sources),
      mode: fc.constantFrom<"snapshot" | "merge">("snapshot", "snapshot", "merge"),
      end: fc.constantFrom<"whole" | "dry" | "cut">("whole", "whole", "whole", "whole", "dry", "cut"),
      allowEmpty: fc.boolean(),
      lines: fc.array(line, { maxLength: 6 })
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      id: fc.constantFrom(...ids),
      name: fc.constantFrom("x", "y")
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), id: fc.constantFrom(...ids) }) }
)

const nothing = () => ({ created: 0, updated: 0, unchanged: 0, retired: 0, rejected: 0 })

/** What the catalog is to be, in the plainest way. */
class Model {
  readonly present = new Map<string, string>()
  readonly retired = new Set<string>()
  readonly origins = new Map<string, Map<string, string | null>>(sources.map((name) => [name, new Map()]))
  readonly events = new Map<string, Array<string>>(ids.map((id) => [id, []]))

  copy(): Model {
    const copy = new Model()
    for (const [id, name] of this.present) copy.present.set(id, name)
    for (const id of this.retired) copy.retired.add(id)
    for (const [source, had] of this.origins) copy.origins.set(source, new Map(had))
    for (const [id, events] of this.events) copy.events.set(id, [...events])
    return copy
  }

  #happened(id: string, event: string): void {
    this.events.get(id)?.push(event)
  }

  put(id: string, name: string): void {
    const before = this.present.get(id)
    if (before === undefined) this.#happened(id, "appeared")
    else if (before !== name) this.#happened(id, "changed")
    this.present.set(id, name)
    this.retired.delete(id)
  }

  delete(id: string): boolean {
    if (!this.present.delete(id)) return false
    for (const had of this.origins.values()) had.delete(id)
    this.#happened(id, "deleted")
    return true
  }

  #take(had: Map<string, string | null>, { id, name, suspect }: Line): "created" | "updated" | "unchanged" {
    const before = this.present.get(id)
    const saidBefore = had.get(id)
    had.set(id, suspect)
    this.present.set(id, name)
    this.retired.delete(id)
    if (before === undefined) {
      this.#happened(id, "appeared")
      return "created"
    }
    if (before === name && (saidBefore ?? null) === suspect) return "unchanged"
    this.#happened(id, "changed")
    return "updated"
  }

  #retire(source: string, had: Map<string, string | null>, listed: ReadonlySet<string>): number {
    let count = 0
    for (const id of [...had.keys()].filter((id) => !listed.has(id))) {
      const suspect = had.get(id)
      had.delete(id)
      if ([...this.origins].some(([name, others]) => name !== source && others.has(id))) {
        if (typeof suspect === "string") this.#happened(id, "changed")
        continue
      }
      this.present.delete(id)
      this.retired.add(id)
      this.#happened(id, "retired")
      count++
    }
    return count
  }

  /** What an import that ends well comes to; undefined for one that is refused. */
  import({ source, mode, allowEmpty, lines }: Extract<Step, { kind: "import" }>) {
    const had = this.origins.get(source) ?? new Map<string, string | null>()
    const counts = nothing()
    const isEmpty = mode === "snapshot" && lines.length === 0 && had.size > 0
    if (isEmpty && !allowEmpty) return undefined
    const brought = new Set<string>()
    for (const one of lines) {
      if (one.wrong !== undefined || brought.has(one.id)) counts.rejected++
      else {
        brought.add(one.id)
        counts[this.#take(had, one)]++
      }
    }
    const listed = new Set(lines.flatMap(({ id, wrong }) => (wrong === "line" ? [] : [id])))
    if (mode === "snapshot" && lines.every(({ wrong }) => wrong !== "line")) {
      counts.retired = this.#retire(source, had, listed)
    }
    return counts
  }
}

const toLine = ({ id, name, suspect, wrong }: Line): string | object => {
  if (wrong === "line") return `{"id":"${id}"`
  return wrong === "record" ? broken(id) : record(id, { name, suspect })
}

const retirements = (model: Model): number =>
  [...model.events.values()].flat().filter((event) => event === "retired").length

/** Takes a step in the server and in the model, and gives the model of what is then. */
const take = async (at: ImportServer, model: Model, one: Step): Promise<Model> => {
  if (one.kind === "put") {
    assert.oneOf((await at.put(one.id, { name: one.name })).status, [200, 201])
    model.put(one.id, one.name)
    return model
  }
  if (one.kind === "delete") {
    assert.strictEqual((await at.delete(one.id)).status, model.delete(one.id) ? 202 : 404)
    return model
  }
  const query = `source=${one.source}&mode=${one.mode}&allow_empty=${one.allowEmpty}`
  const body = lines(...one.lines.map(toLine))
  if (one.end === "cut") {
    const upload = new Upload(at, query, body.length + 1)
    if (body !== "") await upload.send(body)
    await at.untilLast("RUNNING")
    upload.cut()
    await at.untilLast("INTERRUPTED")
    return adopt(at, model, one)
  }
  const after = model.copy()
  const expected = after.import(one)
  const answer = await at.import(`${query}&dry_run=${one.end === "dry"}`, body)
  assert.strictEqual(answer.status, expected === undefined ? 422 : 200, answer.text)
  if (expected !== undefined) assert.deepInclude(answer.body.import, expected)
  if (one.end === "dry") return model
  const { created, updated, unchanged, retired, rejected, status } = await at.last()
  assert.strictEqual(status, expected === undefined ? "REFUSED" : "COMPLETED")
  assert.deepStrictEqual({ created, updated, unchanged, retired, rejected }, expected ?? nothing())
  return expected === undefined ? model : after
}

/** After a cut: what has arrived may have been written or not, but is never half, and nothing is gone. */
const adopt = async (at: ImportServer, model: Model, one: Extract<Step, { kind: "import" }>): Promise<Model> => {
  const written = model.copy()
  written.import({ ...one, mode: "merge" })
  const { created, updated, unchanged, retired } = await at.last()
  assert.strictEqual(retired, 0)
  return created + updated + unchanged === 0 ? model : written
}

const compare = async (at: ImportServer, model: Model): Promise<void> => {
  const list = (await at.get("/backups?include=retired")).body.backups
  const named = list.map(({ id, name, retired_at }: Record<string, string>) => [id, retired_at ? "retired" : name])
  const expected = [...model.present, ...[...model.retired].map((id) => [id, "retired"] as const)]
  assert.deepStrictEqual(named.sort(), expected.sort())
  assert.deepStrictEqual(await at.ids(), [...model.present.keys()].sort())
  for (const id of ids) {
    const events = model.events.get(id) ?? []
    const answer = await at.get(`/backups/${id}/history`)
    assert.strictEqual(answer.status, events.length === 0 ? 404 : 200, id)
    if (events.length === 0) continue
    assert.deepStrictEqual(answer.body.history.map(({ event }: { event: string }) => event).reverse(), events, id)
    const origins = [...model.origins].flatMap(([source, had]) =>
      had.has(id) ? [{ source, native_id: null, native_parent_id: null, suspect: had.get(id) ?? null }] : []
    )
    assert.deepStrictEqual(answer.body.origins, origins, id)
  }
}

describe("imports of two sources, and what people do beside them", () => {
  it("come to what a plain model says", { timeout: 480_000 }, async () => {
    const at = await startImportServer(onTestFinished)
    const came = { retired: 0, cut: 0 }
    const run = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const name of sources) await at.import(`source=${name}&mode=snapshot&allow_empty=true`, "")
      for (const id of await at.ids()) await at.delete(id)
      await at.change("DELETE FROM events; DELETE FROM retired")
      let model = new Model()
      for (const one of steps) {
        model = await take(at, model, one)
        await compare(at, model)
        if (one.kind === "import" && one.end === "cut") came.cut++
      }
      came.retired += retirements(model)
    })
    await fc.assert(run, { numRuns: SEQUENCES, seed: SEED })
    assert.isAbove(came.retired, 10)
    assert.isAbove(came.cut, 5)
  })
})
