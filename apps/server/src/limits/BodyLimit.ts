import { Context } from "effect"

/** How large the body of a request may be, in bytes. */
export class BodyLimit extends Context.Tag("@backup-catalog/server/BodyLimit")<BodyLimit, number>() {}
