import { ConnectionFailed, TimedOut } from "@backup-catalog/core"
import { Duration, Effect } from "effect"
import { Arrived } from "../body.ts"
import { concat } from "../concat.ts"
import { describeCause } from "../describeCause.ts"
import { authBody } from "./Credentials.ts"
import type { Settings } from "./Settings.ts"

const MAX_BODY_BYTES = 4 * 2 ** 20

/** An answer of Keystone's, whatever it says. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Undefined when it is larger than what is read. */
  readonly text: string | undefined
}

const readText = async (body: ReadableStream<Uint8Array> | null, signal: AbortSignal): Promise<string | undefined> => {
  const arrived = new Arrived()
  if (body !== null) await arrived.read(body, MAX_BODY_BYTES, signal)
  return arrived.size > MAX_BODY_BYTES ? undefined : new TextDecoder().decode(concat(arrived.pieces, arrived.size))
}

const failedConnection = ({ authUrl, source }: Settings, cause: unknown, answered: boolean): ConnectionFailed => {
  const reason = describeCause(cause)
  return new ConnectionFailed({
    message: answered
      ? `The answer of Keystone at ${authUrl} broke off: ${reason}.`
      : `Keystone at ${authUrl}, the address from ${source.nameOf("authUrl").words}, cannot be reached: ${reason}.`,
    cause
  })
}

/** Asks Keystone for a token, once; `path` follows its address. A redirect is an answer like any other. */
export const post = (settings: Settings, path: string): Effect.Effect<Answer, ConnectionFailed | TimedOut> =>
  Effect.suspend(() => {
    let answered = false
    return Effect.tryPromise({
      try: async (signal): Promise<Answer> => {
        const send = settings.fetch ?? globalThis.fetch
        const response = await send(settings.authUrl + path, {
          method: "POST",
          headers: { accept: "application/json", "content-type": "application/json" },
          body: JSON.stringify(authBody(settings.credentials)),
          // Credentials are for the configured address alone.
          redirect: "manual",
          signal
        })
        answered = true
        return { status: response.status, headers: response.headers, text: await readText(response.body, signal) }
      },
      catch: (cause) => failedConnection(settings, cause, answered)
    }).pipe(
      Effect.timeoutFail({
        duration: settings.timeout,
        onTimeout: () =>
          new TimedOut({
            message: answered
              ? `The answer of Keystone at ${settings.authUrl} was not complete within ${Duration.format(settings.timeout)}.`
              : `Keystone at ${settings.authUrl} did not answer within ${Duration.format(settings.timeout)}.`
          })
      })
    )
  })
