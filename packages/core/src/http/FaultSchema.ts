import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import {
  BadMediaType,
  BadMethod,
  BadRequest,
  type FaultClass,
  Forbidden,
  InstanceFault,
  ItemNotFound,
  NotImplemented,
  OverLimit,
  PreconditionFailed,
  ServiceUnavailable,
  Unauthorized,
  UnprocessableEntity
} from "../Fault.ts"

const faultSchema = <Tag extends string, Name extends string, Code extends number>(
  Class: FaultClass<Tag, Name, Code>,
  description: string
) => {
  const envelope = Schema.Struct({
    [Class.fault]: Schema.Struct({
      code: Schema.Literal(Class.code),
      message: Schema.String,
      details: Schema.optionalWith(Schema.String, { exact: true })
    })
  })
  return Schema.transform(envelope, Schema.instanceOf(Class), {
    strict: false,
    decode: (wire: Record<string, { message: string; details?: string }>) => {
      const { message, details } = wire[Class.fault] ?? { message: "" }
      return new Class(details === undefined ? { message } : { message, details })
    },
    encode: (fault: InstanceType<typeof Class>) => fault.envelope
  }).annotations({ ...HttpApiSchema.annotations({ status: Class.code }), identifier: Class.fault, description })
}

/** The wire form of every fault, with its status (docs/api.md, Faults). The identifiers are the names in the OpenAPI document. */
export const FaultSchemas = [
  faultSchema(BadRequest, "An element of the request is missing or invalid."),
  faultSchema(Unauthorized, "The token is missing, unknown or expired."),
  faultSchema(Forbidden, "The token is good, but not for this account or this action."),
  faultSchema(ItemNotFound, "There is no such path, version, backup, instance or datastore."),
  faultSchema(BadMethod, "The resource does not have this method; Allow names those it has."),
  faultSchema(PreconditionFailed, "What If-Match or If-None-Match demands of the record does not hold."),
  faultSchema(OverLimit, "A limit was exceeded: of a page, of a body, of the sources of an account, or of a rate."),
  faultSchema(BadMediaType, "The body is not JSON."),
  faultSchema(UnprocessableEntity, "The request is well-formed, but impossible."),
  faultSchema(InstanceFault, "A defect of the server; its log has the cause under the request id."),
  faultSchema(NotImplemented, "A known operation that this server does not offer."),
  faultSchema(ServiceUnavailable, "The store or the identity service does not answer, or the server is overloaded.")
] as const

/** Any fault, in its wire form. */
export const FaultSchema = Schema.Union(...FaultSchemas)
