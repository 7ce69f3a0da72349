import { barman } from "../../src/barman/barman.ts"
import { inventoryOf, json } from "../support/samples.ts"

export const BERLIN = { timeZone: "Europe/Berlin" }

/** Server, id, status, begin and end in microseconds, bytes, and the id of the record. */
export type Row = readonly [string, string, string, bigint, bigint, bigint | null, string]

// Python: datetime.fromisoformat(begin_time).timestamp() * 10**6 and deduplicated_size of each backup of diagnose.json,
// and uuid.uuid5(namespace, '["prod","barman",SERVER,ID]').
export const rows: ReadonlyArray<Row> = [
  [
    "crm",
    "20261123T175347",
    "COMPLETED",
    1795456427750919n,
    1795456429310494n,
    41721340n,
    "0c1ffb96-7aa4-527e-a0cc-7d2cf43ab0d7"
  ],
  [
    "crm",
    "20261123T175354",
    "COMPLETED",
    1795456434086224n,
    1795456435468346n,
    3285864n,
    "289d71c6-d91d-52b2-a182-2958055a4296"
  ],
  [
    "shop-primary",
    "20261123T175347",
    "COMPLETED",
    1795456427605533n,
    1795456429604936n,
    37479555n,
    "bec857c7-8d37-552a-ba0a-22b25941eb8e"
  ],
  [
    "shop-primary",
    "20261123T175351",
    "COMPLETED",
    1795456431828880n,
    1795456433730955n,
    37618823n,
    "c3fac4b4-0899-58a0-abbd-6fb658699b28"
  ],
  [
    "shop-primary",
    "20261123T175456",
    "COMPLETED",
    1795456496212893n,
    1795456509957000n,
    37618820n,
    "42bca753-28d1-5111-988c-30533e43e3c0"
  ],
  [
    "shop-primary",
    "20261123T175516",
    "COMPLETED",
    1795456516580125n,
    1795456518981156n,
    37618820n,
    "ccafa5eb-1869-5011-bd5d-404c22a9344c"
  ],
  [
    "shop-primary",
    "20261123T175631",
    "FAILED",
    1795456591128307n,
    1795456591128307n,
    null,
    "5f1205df-a4a0-53d5-b1ce-59dda70b6d97"
  ],
  [
    "shop-primary",
    "20261123T175635",
    "COMPLETED",
    1795456595633260n,
    1795456597371322n,
    37618820n,
    "2bf2c467-0d16-501f-a691-39eec264d639"
  ]
]

export const entry = (members: Record<string, unknown> = {}) => ({
  status: "DONE",
  begin_time: "2026-11-23T14:24:56.960733-03:30",
  end_time: "2026-11-23T14:25:12.000001-03:30",
  size: 40,
  deduplicated_size: 30,
  version: 150018,
  mode: "postgres",
  error: null,
  systemid: "7711425329158494106",
  ...members
})

export const diagnosis = (backups: Record<string, unknown>, members: Record<string, unknown> = {}) => ({
  global: {
    config: { barman_home: "/srv/barman", errors_list: [] },
    system_info: { barman_ver: "3.4.0", timestamp: "2026-11-23T18:56:56.987583+01:00" }
  },
  servers: { main: { backups, config: { basebackups_directory: "/srv/barman/main/base" } } },
  ...members
})

export const diagnosed = (backups: Record<string, unknown>, options = {}) =>
  inventoryOf(barman, json(diagnosis(backups)), options)
