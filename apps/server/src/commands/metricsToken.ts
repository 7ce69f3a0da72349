import { Effect, Redacted } from "effect"
import { CommandError } from "./CommandError.ts"

const VARIABLE = "CATALOG_METRICS_TOKEN"

/** The token of the metrics, which is taken out of the environment; none where there is none. */
export const readMetricsToken = (
  env: NodeJS.ProcessEnv
): Effect.Effect<Redacted.Redacted | undefined, CommandError> => {
  const token = env[VARIABLE]
  delete env[VARIABLE]
  if (token === undefined || token === "") return Effect.succeed(undefined)
  return /^[\x21-\x7e]{16,4096}$/.test(token)
    ? Effect.succeed(Redacted.make(token))
    : new CommandError({
        exitCode: 2,
        message: `${VARIABLE} must have 16 to 4096 printable characters without spaces, such as openssl rand -hex 32 makes.`
      })
}
