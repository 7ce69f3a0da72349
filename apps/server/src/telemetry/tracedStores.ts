import { BackupStore, CoverageStore, ImportStore } from "@backup-catalog/core/store"
import { Context, Effect, Layer } from "effect"
import type { Stores } from "../store/StoreLive.ts"
import { StoreStatus } from "../store/StoreStatus.ts"
import { Tokens } from "../store/Tokens.ts"

const SYSTEMS = { sqlite: "sqlite", postgres: "postgresql" } as const

/** A service, each effect of which has a span of its own. */
const traced = <Service extends object>(name: string, system: string, service: Service): Service => {
  const inSpan = (method: string, value: unknown) =>
    Effect.isEffect(value)
      ? Effect.withSpan(value, `${name}.${method}`, {
          attributes: { "db.system.name": system },
          captureStackTrace: false
        })
      : value
  return new Proxy(service, {
    get: (target, method, receiver) => {
      const member: unknown = Reflect.get(target, method, receiver)
      if (typeof method === "symbol") return member
      return typeof member === "function"
        ? (...args: ReadonlyArray<unknown>) => inSpan(method, Reflect.apply(member, target, args))
        : inSpan(method, member)
    }
  })
}

/** Stores whose calls are in the traces. */
export const tracedStores = <E>(stores: Layer.Layer<Stores, E>): Layer.Layer<Stores, E> =>
  Layer.map(stores, (context) => {
    const system = SYSTEMS[Context.get(context, StoreStatus).kind]
    return context.pipe(
      Context.add(BackupStore, traced("BackupStore", system, Context.get(context, BackupStore))),
      Context.add(ImportStore, traced("ImportStore", system, Context.get(context, ImportStore))),
      Context.add(CoverageStore, traced("CoverageStore", system, Context.get(context, CoverageStore))),
      Context.add(Tokens, traced("Tokens", system, Context.get(context, Tokens)))
    )
  })
