import { Either } from "effect"

/** What the value of a member must be. */
export interface Kind {
  /** Goes on after its name: `must be a function`. */
  readonly must: string
  readonly is: (value: unknown) => boolean
}

/** A member that is a function. */
export const aFunction: Kind = { must: "must be a function", is: (value) => typeof value === "function" }

/** A member that is true or false: what only looks like one of them, such as "false", would count as the other. */
export const aBoolean: Kind = { must: "must be true or false", is: (value) => typeof value === "boolean" }

/**
 * The members that an object may have; `true` for those whose values are looked at elsewhere, where null is not
 * nothing.
 */
export type Known<Of> = Readonly<Record<keyof Of, true | Kind>>

/** What is wrong with a member of an object, or, without a name, with the object itself. */
export interface Wrong {
  readonly name?: string
  /** Goes on after what it is of: `is not known; known are a b c`. */
  readonly predicate: string
}

/** What a value is, as every realm calls it: `Map`, `Date`, `Object`. */
export const classOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

type Named = Readonly<Record<string, unknown>>

// A Map, an array or a Promise is an object as well, but what it says is in no member.
const hasMembers = (value: unknown, known: Readonly<Record<string, unknown>>): value is Named =>
  typeof value === "object" &&
  value !== null &&
  (classOf(value) === "Object" || (!(Symbol.iterator in value) && Object.keys(known).some((name) => name in value)))

const described = (value: unknown): string => {
  if (value === null) return "null"
  return typeof value === "object" ? classOf(value) : typeof value
}

const isNothing = (value: unknown, kind: true | Kind): boolean =>
  value === undefined || (kind !== true && value === null)

/**
 * The members that an object has, its own and those of its class, read once: what is undefined is left out. One of its
 * own that is not known is wrong, since what it was to say would be lost.
 */
export const readMembers = <Of extends object>(of: Of, known: Known<Of>): Either.Either<Of, Wrong> => {
  if (!hasMembers(of, known)) return Either.left({ predicate: `must be an object, not ${described(of)}` })
  const from: Named = of
  const unknown = Object.keys(from).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    return Either.left({ name: unknown, predicate: `is not known; known are ${Object.keys(known).join(" ")}` })
  }
  const given: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries<true | Kind>(known)) {
    const value = from[name]
    if (isNothing(value, kind)) continue
    if (kind !== true && !kind.is(value)) return Either.left({ name, predicate: kind.must })
    given[name] = value
  }
  return Either.right(given as Of)
}
