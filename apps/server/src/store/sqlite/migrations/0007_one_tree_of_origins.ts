import { SqlClient } from "@effect/sql"
import { Effect } from "effect"

/**
 * The origins of a backup are found source by source: an account has few, and each record is written to one tree less.
 */
export default Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DROP INDEX origins_by_backup`)
