import { pgbackrest } from "../../src/pgbackrest/pgbackrest.ts"
import { inventoryOf, json, sample } from "../support/samples.ts"

export const read = (file: string, options = {}) => inventoryOf(pgbackrest, sample(`pgbackrest/${file}`), options)

export const utf8 = new TextEncoder()

/** Stanza, label, start and stop in seconds, bytes, prior, and the id. */
export type Row = readonly [string, string, number, number, number, string | null, string]

// jq -r '.[] | .name as $s | .backup[] | [$s, .label, .timestamp.start, .timestamp.stop, .info.repository.delta,
// .prior] | @tsv' and the id by Python's uuid.uuid5(namespace, '["prod","pgbackrest","1",STANZA,LABEL]').
export const rows: ReadonlyArray<Row> = [
  ["crm", "20261123-175034F", 1795456234, 1795456245, 5679847, null, "704e9660-c2f4-5081-9496-0aff1df3940e"],
  [
    "crm",
    "20261123-175034F_20261123-175046I",
    1795456246,
    1795456248,
    548573,
    "20261123-175034F",
    "b21b02ec-903c-51de-a6af-f589670721b0"
  ],
  ["shop", "20261123-175009F", 1795456209, 1795456214, 5282605, null, "08c4b247-53b5-55c8-92ad-98a0eab4bc87"],
  [
    "shop",
    "20261123-175009F_20261123-175015D",
    1795456215,
    1795456216,
    316036,
    "20261123-175009F",
    "13d9c660-1d9e-5194-a9ce-d3c949c35749"
  ],
  [
    "shop",
    "20261123-175009F_20261123-175017I",
    1795456217,
    1795456221,
    986369,
    "20261123-175009F_20261123-175015D",
    "3e2e5060-3508-5de7-adc8-52e50cb49168"
  ],
  [
    "shop",
    "20261123-175009F_20261123-175022I",
    1795456222,
    1795456223,
    936832,
    "20261123-175009F_20261123-175017I",
    "25535545-3a02-54ba-ac95-5ca5187b8f70"
  ],
  ["shop", "20261123-175024F", 1795456224, 1795456232, 5329163, null, "ca0fc769-f5c5-5de2-ad94-6c49ada2ef7a"]
]

export const stanza = (members: Record<string, unknown> = {}) => ({
  archive: [],
  backup: [backup("20260101-000000F")],
  cipher: "none",
  db: [{ id: 1, "repo-key": 1, "system-id": 1, version: "15" }],
  name: "main",
  repo: [{ cipher: "none", key: 1, status: { code: 0, message: "ok" } }],
  status: { code: 0, lock: { backup: { held: false } }, message: "ok" },
  ...members
})

export const backup = (label: string, members: Record<string, unknown> = {}) => ({
  archive: { start: null, stop: null },
  backrest: { format: 5, version: "2.45" },
  database: { id: 1, "repo-key": 1 },
  error: false,
  info: { delta: 30, repository: { delta: 10, size: 20 }, size: 40 },
  label,
  prior: null,
  reference: null,
  timestamp: { start: 1795456234, stop: 1795456245 },
  type: "full",
  ...members
})

export const imported = (...stanzas: ReadonlyArray<unknown>) => inventoryOf(pgbackrest, json(stanzas))
