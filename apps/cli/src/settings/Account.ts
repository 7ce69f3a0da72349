import type { AccountId } from "@backup-catalog/core"
import { Context } from "effect"

/** The account whose backups are asked for. */
export class Account extends Context.Tag("@backup-catalog/cli/Account")<Account, AccountId>() {}
