import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { type Fault, faults } from "../Fault.ts"

/** What each fault means, as the OpenAPI document says it. */
const descriptions: Readonly<Record<Fault["fault"], string>> = {
  badRequest: "An element of the request is missing or invalid.",
  unauthorized: "The token is missing, unknown or expired.",
  forbidden: "The token is good, but not for this account or this action.",
  itemNotFound: "There is no such path, version, backup, instance or datastore.",
  badMethod: "The resource does not have this method; Allow names those it has.",
  preconditionFailed: "What If-Match or If-None-Match demands of the record does not hold.",
  overLimit: "A limit was exceeded: of a page, of a body, of the sources of an account, or of a rate.",
  badMediaType: "The body is not JSON.",
  unprocessableEntity: "The request is well-formed, but impossible.",
  instanceFault: "A defect of the server; its log has the cause under the request id.",
  notImplemented: "A known operation that this server does not offer.",
  serviceUnavailable: "The store or the identity service does not answer, or the server is overloaded."
}

const faultSchema = (Class: (typeof faults)[number]) => {
  const envelope = Schema.Struct({
    [Class.fault]: Schema.Struct({
      code: Schema.Literal(Class.code),
      message: Schema.String,
      details: Schema.optionalWith(Schema.String, { exact: true })
    })
  })
  return Schema.transform(envelope, Schema.instanceOf<new (...args: never) => Fault>(Class), {
    strict: false,
    decode: (wire: Record<string, { message: string; details?: string }>) => {
      const { message, details } = wire[Class.fault] ?? { message: "" }
      return new Class(details === undefined ? { message } : { message, details })
    },
    encode: (fault: Fault) => fault.envelope
  }).annotations({
    ...HttpApiSchema.annotations({ status: Class.code }),
    identifier: Class.fault,
    description: descriptions[Class.fault]
  })
}

/**
 * Any fault, in its wire form, with its status (docs/api.md, Faults). The identifiers are the names in the OpenAPI
 * document.
 */
export const FaultSchema = Schema.Union(...faults.map(faultSchema))
