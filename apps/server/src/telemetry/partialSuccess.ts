import { Option, Predicate } from "effect"

/** What of a request a collector did not take although it answered with success (OTLP, `ExportTracePartialSuccess`). */
export interface Rejected {
  /** How many spans or data points it rejected, above 0. */
  readonly count: number
  /** Why, in the words of the collector; may be empty. */
  readonly reason: string
}

/** The fields of a message of protobuf by their numbers: numbers and bytes; of what comes twice the last. */
const fieldsOf = (bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> => {
  const fields = new Map<number, number | Uint8Array>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) throw new RangeError("cut off")
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        fields.set(number, varint())
        break
      case 2: {
        const end = varint() + at
        fields.set(number, bytes.subarray(at, end))
        at = end
        break
      }
      default:
        throw new RangeError("a type that is not of these messages")
    }
  }
  return fields
}

const inProtobuf = (body: Uint8Array): readonly [unknown, unknown] => {
  const partial = fieldsOf(body).get(1)
  const fields = fieldsOf(partial instanceof Uint8Array ? partial : new Uint8Array())
  const reason = fields.get(2)
  return [fields.get(1), reason instanceof Uint8Array ? new TextDecoder().decode(reason) : ""]
}

const inJson = (body: Uint8Array): readonly [unknown, unknown] => {
  const answer: unknown = JSON.parse(new TextDecoder().decode(body))
  const partial = Predicate.hasProperty(answer, "partialSuccess") ? answer.partialSuccess : undefined
  if (!Predicate.isRecord(partial)) return [0, ""]
  return [partial.rejectedSpans ?? partial.rejectedDataPoints, partial.errorMessage]
}

/** What the body of an answer says that was rejected; none for nothing, and for what is no such answer. */
export const rejectedIn = (type: string, body: Uint8Array): Option.Option<Rejected> =>
  Option.liftThrowable(() => (type.startsWith("application/json") ? inJson(body) : inProtobuf(body)))().pipe(
    Option.map(([count, reason]) => ({ count: Number(count ?? 0), reason: typeof reason === "string" ? reason : "" })),
    Option.filter(({ count }) => count > 0)
  )
