import { askKeystone, type Grant, type Person, signIn } from "./identity.ts"

/** What an administrator tells a Keystone to have. */
export class Administration {
  readonly #keystone: string
  readonly #headers: Record<string, string>

  constructor(keystone: string, { token }: Grant) {
    this.#keystone = keystone
    this.#headers = { "X-Auth-Token": token }
  }

  async #create(path: string, kind: string, what: object): Promise<string> {
    const options = { headers: this.#headers, body: { [kind]: what } }
    const answer = await askKeystone(this.#keystone, "POST", path, options)
    return ((await answer.json()) as Record<string, { id: string }>)[kind]?.id ?? ""
  }

  /** Gives the project's id. */
  project(name: string): Promise<string> {
    return this.#create("/projects", "project", { name, domain_id: "default" })
  }

  // Which roles the bootstrap makes depends on its version.
  async #role(name: string): Promise<string> {
    const answer = await askKeystone(this.#keystone, "GET", `/roles?name=${name}`, { headers: this.#headers })
    const { roles } = (await answer.json()) as { roles: ReadonlyArray<{ id: string }> }
    return roles[0]?.id ?? this.#create("/roles", "role", { name })
  }

  /** Makes a user with one role in one project. */
  async user(person: Person, projectId: string, role: string): Promise<void> {
    const { name, password } = person
    const id = await this.#create("/users", "user", { name, password, domain_id: "default" })
    const path = `/projects/${projectId}/users/${id}/roles/${await this.#role(role)}`
    await askKeystone(this.#keystone, "PUT", path, { headers: this.#headers })
  }

  /** The service `database` with its public endpoint in RegionOne. */
  async databaseEndpoint(url: string): Promise<void> {
    const service = await this.#create("/services", "service", { type: "database", name: "trove" })
    const endpoint = { service_id: service, interface: "public", region_id: "RegionOne", url }
    await this.#create("/endpoints", "endpoint", endpoint)
  }
}

/** An application credential of somebody, with all roles that they have in the project. */
export const applicationCredential = async (
  keystone: string,
  person: Person
): Promise<{ readonly id: string; readonly secret: string }> => {
  const { token, userId } = await signIn(keystone, person)
  const answer = await askKeystone(keystone, "POST", `/users/${userId}/application_credentials`, {
    headers: { "X-Auth-Token": token },
    body: { application_credential: { name: "backup-catalog" } }
  })
  const { application_credential: made } = (await answer.json()) as {
    application_credential: { id: string; secret: string }
  }
  return made
}
