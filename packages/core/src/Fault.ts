import { type Cause, Data, Schema } from "effect"
import { acrossCopies } from "./acrossCopies.ts"

/** What every fault carries besides its code and name. */
export interface FaultMembers {
  /** One sentence that a person can act on. */
  readonly message: string
  /** More of it, where one sentence is not enough. */
  readonly details?: string
  /** The request that failed, for finding it in the server's log. Travels as `X-Request-Id`. */
  readonly requestId?: string
  /** Seconds after which trying again makes sense. Travels as `Retry-After`. */
  readonly retryAfter?: number
  /** The methods that the resource has; on `badMethod` only. Travels as `Allow`. */
  readonly allow?: ReadonlyArray<string>
}

/**
 * The JSON body of a fault: `{"itemNotFound": {"code": 404, "message": "…", "details": "…"}}` (docs/api.md, Faults).
 */
export type FaultEnvelope = {
  readonly [fault in string]: { readonly code: number; readonly message: string; readonly details?: string }
}

/** The class of one fault: its instances know their code, their name and the body they travel as. */
export interface FaultClass<Tag extends string, Name extends string, Code extends number> {
  readonly fault: Name
  readonly code: Code
  new (
    members: FaultMembers
  ): Cause.YieldableError &
    FaultMembers & {
      readonly _tag: Tag
      readonly fault: Name
      readonly code: Code
      readonly envelope: FaultEnvelope
    }
}

const makeFault = <Tag extends string, Name extends string, Code extends number>(
  tag: Tag,
  fault: Name,
  code: Code
): FaultClass<Tag, Name, Code> =>
  acrossCopies(
    class extends Data.TaggedError(tag)<FaultMembers> {
      static readonly fault = fault
      static readonly code = code
      readonly fault = fault
      readonly code = code
      get envelope(): FaultEnvelope {
        const { message, details }: FaultMembers = this
        return { [fault]: { code, message, ...(details === undefined ? {} : { details }) } }
      }
    }
  )

/** 400: an element of the request is missing or invalid. */
export class BadRequest extends makeFault("BadRequest", "badRequest", 400) {}
/** 401: the token is missing, unknown or expired. */
export class Unauthorized extends makeFault("Unauthorized", "unauthorized", 401) {}
/** 403: the token is good, but not for this account or this action. */
export class Forbidden extends makeFault("Forbidden", "forbidden", 403) {
  // What logs an error writes the name of its class, and a bundler gives this one another: Effect has a Forbidden as
  // well.
  static override readonly name = "Forbidden"
}
/** 404: there is no such path, version, backup, instance or datastore. */
export class ItemNotFound extends makeFault("ItemNotFound", "itemNotFound", 404) {}
/** 405: the resource does not have this method; `allow` names those it has. */
export class BadMethod extends makeFault("BadMethod", "badMethod", 405) {}
/** 412: what the request demands of the record (`If-Match`, `If-None-Match`) does not hold. */
export class PreconditionFailed extends makeFault("PreconditionFailed", "preconditionFailed", 412) {}
/**
 * 413: a limit was exceeded: of a page, of a body, of the sources of an account, or of a rate (then with `retryAfter`).
 */
export class OverLimit extends makeFault("OverLimit", "overLimit", 413) {}
/** 415: the body is not JSON. */
export class BadMediaType extends makeFault("BadMediaType", "badMediaType", 415) {}
/** 422: well-formed, but impossible. */
export class UnprocessableEntity extends makeFault("UnprocessableEntity", "unprocessableEntity", 422) {}
/** 500: a defect of the server; its log has the cause under `requestId`. */
export class InstanceFault extends makeFault("InstanceFault", "instanceFault", 500) {}
/** 501: an operation of the Trove family that this server does not offer. */
export class NotImplemented extends makeFault("NotImplemented", "notImplemented", 501) {}
/** 503: the store or the identity service does not answer, or the server is overloaded or shutting down. */
export class ServiceUnavailable extends makeFault("ServiceUnavailable", "serviceUnavailable", 503) {}

/**
 * Every fault, in the order of docs/api.md, Faults; 412 is that of conditional requests (RFC 9110, 13.1), which Trove
 * has not.
 */
export const faults = [
  BadRequest,
  Unauthorized,
  Forbidden,
  ItemNotFound,
  BadMethod,
  PreconditionFailed,
  OverLimit,
  BadMediaType,
  UnprocessableEntity,
  InstanceFault,
  NotImplemented,
  ServiceUnavailable
] as const

/** One of the faults. */
export type Fault = InstanceType<(typeof faults)[number]>

/** Whether a value is one of our faults. */
export const isFault = (value: unknown): value is Fault => faults.some((fault) => value instanceof fault)

const isMember = Schema.is(
  Schema.Struct({ code: Schema.Number, message: Schema.String, details: Schema.optional(Schema.Unknown) })
)

/**
 * The fault that an envelope holds, as an instance of its class, or undefined when it holds none.
 *
 * `carried` are the members that travel as headers. Details that are not text are left out.
 */
export const parseFault = (
  envelope: unknown,
  carried: Pick<FaultMembers, "requestId" | "retryAfter" | "allow"> = {}
): Fault | undefined => {
  if (typeof envelope !== "object" || envelope === null) return undefined
  for (const Class of faults) {
    if (!Object.hasOwn(envelope, Class.fault)) continue
    const member: unknown = Reflect.get(envelope, Class.fault)
    if (!isMember(member) || member.code !== Class.code) return undefined
    const details = typeof member.details === "string" ? { details: member.details } : {}
    return new Class({ message: member.message, ...details, ...carried })
  }
  return undefined
}
