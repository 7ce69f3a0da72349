import { Effect } from "effect"
import { type OutputFailed, Screen, tell } from "../terminal/Screen.ts"
import type { ListWriter } from "./OutputFormat.ts"

/** Notes what a person should be told of a list besides its rows, once they are written. */
export const noteOfList = <Row>(writer: ListWriter<Row>): Effect.Effect<void, never, Screen> =>
  Effect.flatMap(Screen, ({ note }) => {
    const text = writer.note?.()
    return text === undefined ? Effect.void : note(text)
  })

/** Writes a whole list, and what a person should be told besides; a closed pipe does not stop it. */
export const tellRows = <Row>(
  writer: ListWriter<Row>,
  rows: ReadonlyArray<Row>
): Effect.Effect<void, OutputFailed, Screen> =>
  Effect.suspend(() => Effect.zipRight(tell(writer.rows(rows) + (writer.end ?? "")), noteOfList(writer)))
