/** Somebody who can sign in with a password to a project of the default domain. */
export interface Person {
  readonly name: string
  readonly password: string
  /** The name of the project. */
  readonly project: string
}

const DOMAIN = { id: "default" }

/** Sends a request to Keystone, which must be answered with success. */
export const askKeystone = async (
  keystone: string,
  method: string,
  path: string,
  options: { readonly headers?: Record<string, string>; readonly body?: object } = {}
): Promise<Response> => {
  const answer = await fetch(keystone + path, {
    method,
    headers: { "Content-Type": "application/json", ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) })
  })
  if (!answer.ok) throw new Error(`${method} ${path} of Keystone is ${answer.status}: ${await answer.text()}`)
  return answer
}

/** A token, and when it expires. */
export interface Grant {
  readonly token: string
  readonly userId: string
  /** The id of the project; undefined for a token of none. */
  readonly projectId: string | undefined
  readonly expires: Date
}

const authenticate = async (keystone: string, { name, password }: Person, scope: object): Promise<Grant> => {
  const user = { name, password, domain: DOMAIN }
  const body = { auth: { identity: { methods: ["password"], password: { user } }, ...scope } }
  const answer = await askKeystone(keystone, "POST", "/auth/tokens", { body })
  const { token } = (await answer.json()) as {
    token: { user: { id: string }; project?: { id: string }; expires_at: string }
  }
  return {
    token: answer.headers.get("X-Subject-Token") ?? "",
    userId: token.user.id,
    projectId: token.project?.id,
    expires: new Date(token.expires_at)
  }
}

/** Signs somebody in to the project. */
export const signIn = (keystone: string, person: Person): Promise<Grant> =>
  authenticate(keystone, person, { scope: { project: { name: person.project, domain: DOMAIN } } })

/** Signs somebody in to no project. */
export const signInUnscoped = (keystone: string, person: Person): Promise<Grant> => authenticate(keystone, person, {})

/** Makes a token worthless before its time. */
export const revoke = async (keystone: string, token: string): Promise<void> => {
  await askKeystone(keystone, "DELETE", "/auth/tokens", {
    headers: { "X-Auth-Token": token, "X-Subject-Token": token }
  })
}
