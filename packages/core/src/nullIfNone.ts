import { Option } from "effect"

/** How an optional member travels that every record has: null where there is none; absent and null read alike. */
export const nullIfNone = { as: "Option", nullable: true, onNoneEncoding: () => Option.some(null) } as const
