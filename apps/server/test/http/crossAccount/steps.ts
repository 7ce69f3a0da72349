import { FastCheck as fc } from "effect"

// Few ids, instances, times and versions, which both accounts use; and what the server has given to one or the other.
const given = fc.record({ whose: fc.constantFrom("own", "other"), nth: fc.nat(20) })
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "a", "a", "b", "b", "c") },
  { weight: 1, arbitrary: given.map((posted) => ({ posted })) }
)
const instance = fc.constantFrom("db-1", "db-1", "db-1", "db-2")
const created = fc.constantFrom("2014-06-19T15:56:58", "2014-06-19T15:56:59", "2015-01-01T00:00:00")
const status = fc.constantFrom("COMPLETED" as const, "COMPLETED" as const, "FAILED" as const, "NEW" as const)
const limit = fc.constantFrom(1, 2, 10)
// Absent more often than not, so that most of what is asked for is to be had.
const optional = <A>(arbitrary: fc.Arbitrary<A>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary })
const condition = fc.record({
  header: fc.constantFrom("If-Match", "If-None-Match"),
  tag: fc.oneof(fc.constant("any" as const), given, given)
})

const step = <Name extends string, Of extends object>(
  weight: number,
  name: Name,
  of: { [K in keyof Of]: fc.Arbitrary<Of[K]> }
) => ({
  weight,
  arbitrary: fc.record({ by: fc.constantFrom(0, 1), name: fc.constant(name), of: fc.record(of) })
})

const anyStep = fc.oneof(
  step(8, "put", {
    id,
    instance,
    created,
    status,
    parent: optional(id),
    datastore: fc.constantFrom("own", "MySQL"),
    condition: optional(condition)
  }),
  step(2, "post", { version: fc.constantFrom("v-1", "v-2"), created }),
  step(3, "remove", { id, condition: optional(condition) }),
  step(3, "show", { id, tag: optional(given) }),
  step(6, "list", {
    datastore: optional(fc.constantFrom("mysql", "own", "other")),
    status: optional(status),
    limit: optional(limit),
    instance: optional(fc.record({ id: instance, place: fc.constantFrom("query", "path") })),
    marker: optional(
      fc.oneof(
        given.map((marker) => ({ marker })),
        id.map((id) => ({ id }))
      )
    ),
    tag: optional(given)
  }),
  step(4, "poll", { whose: fc.constantFrom("own", "own", "other") }),
  step(2, "descendants", { id, limit }),
  step(1, "instances", { limit }),
  step(2, "showInstance", { id: instance }),
  step(2, "trespass", { method: fc.constantFrom("GET", "PUT", "POST", "DELETE"), id }),
  step(1, "askForOthers", { search: fc.constantFrom("all_projects=True", "limit=0&all_projects=1", "project_id=") })
)

/** What one of two accounts asks for: `by` says which, the rest in terms that mean something to either. */
export type Step = typeof anyStep extends fc.Arbitrary<infer A> ? A : never

/** A step of one name. */
export type StepOf<Name extends Step["name"]> = Extract<Step, { readonly name: Name }>["of"]

/** An id: one that both accounts use, or one that the server has made for one of them. */
export type Id = StepOf<"show">["id"]

/** Something that the server has given to one of the accounts. */
export type Given = NonNullable<StepOf<"show">["tag"]>

/** What a write demands. */
export type Condition = NonNullable<StepOf<"remove">["condition"]>

/** Sequences of steps. */
export const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(anyStep, { minLength: 5, maxLength: 40, size: "max" })
