import type * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { Redacted } from "effect"
import type { TelemetrySettings } from "./TelemetrySettings.ts"

/** How long the last of what there is may take to be sent when the server stops. */
export const SHUTDOWN = "2 seconds"

/** Who sends, and with which headers. */
export const resourceOf = ({
  serviceName,
  attributes,
  headers
}: TelemetrySettings): Pick<Parameters<typeof OtlpTracer.make>[0], "resource" | "headers"> => ({
  resource: { serviceName, attributes },
  headers: Redacted.value(headers)
})
