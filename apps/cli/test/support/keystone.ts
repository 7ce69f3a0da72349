import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

export const PASSWORD = "correct horse"

/** A server that signs alice in as Keystone does, to one project with one token, and knows one catalog. */
export interface Keystone {
  readonly url: string
  /** How often somebody signed in. */
  readonly signIns: () => number
  readonly close: () => void
}

export const startKeystone = async (project: string, token: string, catalog: string): Promise<Keystone> => {
  let signIns = 0
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request))
    response.setHeader("content-type", "application/json")
    const { identity } = body.auth
    if (request.url?.startsWith("/v3/auth/tokens") !== true || identity.password.user.password !== PASSWORD) {
      response
        .writeHead(401)
        .end(JSON.stringify({ error: { code: 401, title: "Unauthorized", message: "No\u001b[2J." } }))
      return
    }
    signIns++
    const now = Date.now()
    response.setHeader("x-subject-token", token).writeHead(201)
    response.end(
      JSON.stringify({
        token: {
          issued_at: new Date(now).toISOString(),
          expires_at: new Date(now + 3_600_000).toISOString(),
          project: { id: project, name: "shop", domain: { id: "default", name: "Default" } },
          catalog: [
            {
              type: "database",
              endpoints: ["RegionOne", "RegionTwo"].map((region) => ({
                interface: "public",
                region_id: region,
                url: region === "RegionOne" ? `${catalog}/v1.0/${project}` : `http://127.0.0.1:9/v1.0/${project}`
              }))
            }
          ]
        }
      })
    )
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signIns: () => signIns,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/** A clouds.yaml with alice's cloud `shop`, `wrong` with another password, and `far` in another region. */
export const cloudsYaml = (authUrl: string): string => {
  const cloud = (name: string, password: string, region: string) => `
  ${name}:
    region_name: ${region}
    auth:
      auth_url: ${authUrl}
      username: alice
      password: "${password}"
      project_name: shop
      user_domain_name: Default
      project_domain_name: Default`
  return `clouds:${cloud("shop", PASSWORD, "RegionOne")}${cloud("wrong", "guessed", "RegionOne")}${cloud("far", PASSWORD, "RegionTwo")}\n`
}
