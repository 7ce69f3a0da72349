import { setTimeout } from "node:timers/promises"

/** An answer of the API. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The sentence of a fault; empty when it is none. */
  readonly message: string
  readonly body: string
}

/** What is asked: the list, unless it says otherwise. */
export interface Question {
  readonly method?: string
  /** Behind the project. */
  readonly path?: string
  /** Sent as JSON. */
  readonly body?: object
}

/** Sends one request for a project with a token, and gives the answer whatever it is. */
export const askOnce = async (
  catalog: string,
  project: string,
  token: string | undefined,
  { method = "GET", path = "/backups", body }: Question = {}
): Promise<Answer> => {
  const answer = await fetch(`${catalog}/v1.0/${project}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { "X-Auth-Token": token }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const text = await answer.text()
  const fault = answer.ok ? undefined : (Object.values(JSON.parse(text))[0] as { message: string })
  return { status: answer.status, headers: answer.headers, message: fault?.message ?? "", body: text }
}

const TRIES = 5

/**
 * As `askOnce`, but tries again when it is told to: Keystone is late now and then on a machine that has too much to do.
 */
export const ask: typeof askOnce = async (...request) => {
  for (let tries = 1; ; tries++) {
    const answer = await askOnce(...request)
    if (answer.status !== 503 || tries === TRIES) return answer
    await setTimeout(Number(answer.headers.get("Retry-After")) * 1000)
  }
}
