import type * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { ConfigProvider, Effect, Redacted } from "effect"
import type { TelemetrySettings } from "./TelemetrySettings.ts"

/** How long the last of what there is may take to be sent when the server stops. */
export const SHUTDOWN = "2 seconds"

/**
 * Has the library read no variables by itself: it would say of a process twice what it is called, and once more
 * wrongly.
 */
export const asTold = Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))

/** Who sends, and with which headers. */
export const resourceOf = ({
  serviceName,
  attributes: { "service.version": serviceVersion, ...attributes },
  headers
}: TelemetrySettings): Pick<Parameters<typeof OtlpTracer.make>[0], "resource" | "headers"> => ({
  // Of itself the library would add the version of the attributes to them once more.
  resource: { serviceName, serviceVersion, attributes },
  headers: Redacted.value(headers)
})
