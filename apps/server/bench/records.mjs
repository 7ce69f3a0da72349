// Records as a busy account has them: a few hundred instances, mostly completed, four in five incremental.
import { once } from "node:events"
import { createWriteStream } from "node:fs"

const datastores = [
  { type: "MySQL", version: "8.0", version_id: "20000000-0000-0000-0000-000000000002" },
  { type: "PostgreSQL", version: "15", version_id: "30000000-0000-0000-0000-000000000015" },
  null
]
const hex = (n, width) => n.toString(16).padStart(width, "0")
const id = (n) => `${hex((n * 2654435761) >>> 0, 8)}-430f-4cd2-bec0-${hex(n, 12)}`

/** The n-th record, always the same. */
export const record = (n) => {
  const started = 1_600_000_000_000 + n * 61_000
  const datastore = datastores[n % 3]
  return {
    id: id(n),
    name: `nightly_${n % 311}`,
    description: "Nightly backup of a production instance",
    status: n % 97 === 0 ? "FAILED" : "COMPLETED",
    created: new Date(started).toISOString().slice(0, 19),
    updated: new Date(started + 64_000).toISOString().slice(0, 19),
    size: (n % 4096) / 1024,
    instance_id: id(n % 311),
    parent_id: n % 5 === 0 ? null : id(n - 1),
    locationRef: `https://objects.example.com/v1/backups/${id(n)}.xbstream.gz.enc`,
    ...(datastore === null ? {} : { datastore })
  }
}

/** Writes the first so many records to a file, one a line, each as `change` makes it; gives the file. */
export const writeRecords = async (file, records, change = (one) => one) => {
  const lines = createWriteStream(file)
  for (let n = 0; n < records; n++) {
    if (!lines.write(`${JSON.stringify(change(record(n), n))}\n`)) await once(lines, "drain")
  }
  lines.end()
  await once(lines, "finish")
  return file
}
