import { sample } from "../support/samples.ts"

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value)

export const [first, second, all] = ["page-1", "page-2", "all"].map((name) => sample(`trove/${name}.json`)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array
]

export const record = (members: Record<string, unknown> = {}) => ({
  id: "a",
  name: "nightly",
  description: null,
  status: "COMPLETED",
  created: "2026-11-23T18:00:00",
  updated: "2026-11-23T18:05:00",
  size: 0.5,
  instance_id: "db-1",
  parent_id: null,
  locationRef: null,
  ...members
})
