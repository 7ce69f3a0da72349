// The yardstick "hand-written" on PostgreSQL: bare node:http, a pool, named statements on ordinary columns,
// JSON.stringify.
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import pg from "pg"

const [connectionString] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString, max: 10 })
const FIND = { name: "token", text: "SELECT account FROM hand.tokens WHERE hash = $1" }
const LIST = {
  name: "list",
  text: `SELECT id, name, description, status, created, updated, size, instance_id, parent_id, "locationRef", type, version,
    version_id FROM hand.backups WHERE account = $1 ORDER BY created DESC, id DESC LIMIT $2`
}
const time = (date) => date.toISOString().slice(0, 19)

const answer = async (request, response) => {
  const url = new URL(request.url, "http://localhost")
  const account = url.pathname.split("/")[2]
  const hash = createHash("sha256")
    .update(request.headers["x-auth-token"] ?? "")
    .digest()
  const { rows: known } = await pool.query({ ...FIND, values: [hash] })
  if (known[0]?.account !== account) {
    response.writeHead(401).end()
    return
  }
  const { rows } = await pool.query({ ...LIST, values: [account, Number(url.searchParams.get("limit") ?? 1000)] })
  const backups = rows.map(({ type, version, version_id, created, updated, ...row }) => ({
    ...row,
    created: time(created),
    updated: time(updated),
    ...(type === null ? {} : { datastore: { type, version, version_id } })
  }))
  const links = [
    { rel: "next", href: `http://${request.headers.host}${url.pathname}?marker=${rows[rows.length - 1].id}` }
  ]
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ backups, links }))
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(500).end())
})
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`))
