// The yardstick "hand-written": bare node:http, a prepared statement on ordinary columns, JSON.stringify.
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import Database from "better-sqlite3"

const [path, token] = process.argv.slice(2)
const database = new Database(path, { readonly: true })
const authorised = database.prepare("SELECT account FROM tokens WHERE hash = ?").pluck()
const list = database.prepare(
  `SELECT id, name, description, status, created, updated, size, instance_id, parent_id, locationRef, type, version, version_id
   FROM backups WHERE account = ? ORDER BY created DESC, id DESC LIMIT ?`
)
const time = (micros) => new Date(micros / 1000).toISOString().slice(0, 19)

if (authorised.get(createHash("sha256").update(token).digest()) === undefined) throw new Error("the token is not known")

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost")
  const account = url.pathname.split("/")[2]
  const hash = createHash("sha256")
    .update(request.headers["x-auth-token"] ?? "")
    .digest()
  if (authorised.get(hash) !== account) {
    response.writeHead(401).end()
    return
  }
  const rows = list.all(account, Number(url.searchParams.get("limit") ?? 1000))
  const backups = rows.map(({ type, version, version_id, created, updated, ...row }) => ({
    ...row,
    created: time(created),
    updated: time(updated),
    ...(type === null ? {} : { datastore: { type, version, version_id } })
  }))
  const last = rows.at(-1)
  const links = [{ rel: "next", href: `http://${request.headers.host}${url.pathname}?marker=${last.id}` }]
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ backups, links }))
})
server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`))
