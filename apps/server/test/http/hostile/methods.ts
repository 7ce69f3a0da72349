import { tokens } from "./fixture.ts"
import { auth, CLOSE, HOST, LIST, type Row, raw, row } from "./Row.ts"

const resources: ReadonlyArray<readonly [path: string, ...methods: ReadonlyArray<string>]> = [
  ["/", "GET", "HEAD"],
  ["/v1.0", "GET", "HEAD"],
  ["/healthz", "GET", "HEAD"],
  ["/readyz", "GET", "HEAD"],
  ["/openapi.json", "GET", "HEAD"],
  ["/docs", "GET", "HEAD"],
  [LIST, "GET", "HEAD", "POST"],
  [`${LIST}/full`, "GET", "HEAD", "PUT", "DELETE"],
  [`${LIST}/full/descendants`, "GET", "HEAD"],
  ["/v1.0/1234/limits", "GET", "HEAD"],
  ["/v1.0/1234/instances/db-1/backups", "GET", "HEAD"],
  ["/v1.0/1234/imports", "POST", "GET", "HEAD"],
  [`${LIST}/full/history`, "GET", "HEAD"],
  ["/v1.0/1234/coverage", "GET", "HEAD"],
  ["/v1.0/1234/policy", "GET", "HEAD", "PUT"]
]

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "PURGE", "M-SEARCH"]

const unknown = ["/nowhere", "/v1.0/1234/nothing", "/v2.0/1234/backups", "/v1.0/1234/backups/full/x"]

const notOffered: ReadonlyArray<readonly [method: string, path: string]> = [
  ["POST", "instances"],
  ["GET", "instances/detail"],
  ["PUT", "instances/db-1"],
  ["PATCH", "instances/db-1"],
  ["DELETE", "instances/db-1"],
  ["POST", "instances/db-1/action"],
  ["GET", "instances/db-1/configuration"],
  ["POST", "instances/db-1/databases"],
  ["DELETE", "instances/db-1/databases/main"],
  ["GET", "instances/db-1/users"],
  ["PUT", "instances/db-1/users/root/databases"],
  ["POST", "instances/db-1/root"],
  ["DELETE", "instances/db-1/root"],
  ["POST", "instances/db-1/log"],
  ["GET", "clusters"],
  ["POST", "clusters/c-1"],
  ["GET", "configurations"],
  ["PATCH", "configurations/c-1"],
  ["GET", "datastores"],
  ["GET", "datastores/mysql/versions/5.7"],
  ["GET", "datastore/version/5.7/configuration/1"],
  ["GET", "flavors"],
  ["GET", "flavors/1"],
  ["PUT", "quotas/99"],
  ["GET", "mgmt/instances"],
  ["POST", "mgmt/instances/db-1/action"],
  ["GET", "modules"],
  ["POST", "security-groups"],
  ["POST", "backups/full/action"],
  ["POST", "ha"],
  ["GET", "ha"],
  ["PATCH", "ha/h-1"],
  ["POST", "ha/h-1/action"],
  ["DELETE", "ha/h-1/acls/192.0.2.1"],
  ["POST", "schedules/s-1/action"],
  ["POST", "backup_strategies"],
  ["DELETE", "backup_strategies"]
]

const as = (token: string | undefined, method: string, target: string): Buffer => {
  const tokenHeader = token === undefined ? [] : [auth(token)]
  return raw(`${method} ${target} HTTP/1.1`, [HOST, ...tokenHeader, "Content-Length: 0", CLOSE])
}

/** Every method at every kind of path: 404 before 405 before 401, and 501 for what Trove has besides. */
export const methodRows: ReadonlyArray<Row> = [
  ...resources.flatMap(([path, ...has]) => [
    ...methods
      .filter((method) => !has.includes(method))
      .map((method) =>
        row(`${method} ${path}`, 405, as(undefined, method, path), { allow: [...has, "OPTIONS"].join(", ") })
      ),
    row(`OPTIONS ${path}`, 204, as(undefined, "OPTIONS", path), { allow: [...has, "OPTIONS"].join(", ") }),
    row(`HEAD ${path}`, 200, as(tokens.member, "HEAD", path), { bodiless: true }),
    row(`QUERY of nobody at ${path}`, 400, as(tokens.member, "SELECT", path))
  ]),
  ...["instances", "instances/db-1"].flatMap((path) => [
    row(`HEAD ${path}`, 200, as(tokens.member, "HEAD", `/v1.0/1234/${path}`), { bodiless: true }),
    row(`PROPFIND ${path}`, 405, as(undefined, "PROPFIND", `/v1.0/1234/${path}`), { allow: "GET, HEAD, OPTIONS" })
  ]),
  row("POST to a past import", 405, as(undefined, "POST", "/v1.0/1234/imports/none"), { allow: "GET, HEAD, OPTIONS" }),
  row("GET of an instance's coverage by its path", 405, as(undefined, "GET", "/v1.0/1234/coverage/db-1"), {
    allow: "DELETE, OPTIONS"
  }),
  ...unknown.flatMap((path) => [
    ...methods.map((method) =>
      row(`${method} ${path}`, 404, as(undefined, method, path), method === "HEAD" ? { bodiless: true } : {})
    ),
    row(`OPTIONS ${path}`, 404, as(undefined, "OPTIONS", path))
  ]),
  ...notOffered.flatMap(([method, path]) => [
    row(`${method} ${path}, which is Trove's`, 501, as(tokens.member, method, `/v1.0/1234/${path}`)),
    row(`${method} ${path} without a token`, 401, as(undefined, method, `/v1.0/1234/${path}`)),
    row(`${method} ${path} of another account`, 403, as(tokens.member, method, `/v1.0/99/${path}`))
  ])
]
